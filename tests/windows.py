"""Windows' registry as a dictionary, with the calls of the winreg module and their ways to fail."""

from types import TracebackType

Value = tuple[object, int]


class _OpenKey:
    def __init__(self, values: dict[str, Value], access: int) -> None:
        self.values = values
        self.access = access

    def __enter__(self) -> "_OpenKey":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """As winreg's handles, closed at the end of the block."""


class FakeWinreg:
    HKEY_CURRENT_USER = 0x8000_0001
    KEY_READ, KEY_SET_VALUE = 0x2_0019, 0x2
    REG_SZ, REG_BINARY = 1, 3

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, Value]] = {}
        self.is_closed_to_us = False

    def OpenKey(self, root: int, path: str, reserved: int, access: int) -> _OpenKey:
        assert (root, reserved) == (self.HKEY_CURRENT_USER, 0)
        if path not in self.keys:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        return _OpenKey(self.keys[path], access)

    def CreateKeyEx(self, root: int, path: str, reserved: int, access: int) -> _OpenKey:
        if self.is_closed_to_us:
            raise PermissionError(13, "Access is denied")
        self.keys.setdefault(path, {})
        return self.OpenKey(root, path, reserved, access)

    def QueryValueEx(self, key: _OpenKey, name: str) -> Value:
        assert key.access == self.KEY_READ
        if name not in key.values:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        return key.values[name]

    def SetValueEx(self, key: _OpenKey, name: str, reserved: int, kind: int, value: object) -> None:
        assert key.access == self.KEY_SET_VALUE
        assert isinstance(value, str if kind == self.REG_SZ else bytes)
        key.values[name] = (value, kind)

    def DeleteValue(self, key: _OpenKey, name: str) -> None:
        assert key.access == self.KEY_SET_VALUE
        if name not in key.values:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        del key.values[name]
