"""The first questions in a window. The only module that knows tkinter."""

import sys
import tkinter as tk
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from tkinter import filedialog, font, ttk

from gotwatch.desktop.answers import Answers, Host
from gotwatch.desktop.tray.drawing import draw
from gotwatch.desktop.tray.face import Look, Mood
from gotwatch.documents import Mode, absolute, shown
from gotwatch.errors import GotwatchError, UsageError
from gotwatch.words import retell, say

LOOK_MILLISECONDS = 100
TYPING_MILLISECONDS = 400  # after the last key of a folder's name
ICON_PIXELS = 64
WIDTH = 46  # of a place to type in, characters
WRAP_PIXELS = 560
GAP = 8
COMPLAINT, ACCENT, GROUND, BUTTON, EDGE = "#b3261e", "#1f6feb", "#f8f8f6", "#ebebe8", "#cfcfca"


def show(host: Host) -> bool:
    """Ask, and do what was answered. Returns False where the window was closed before anything was done.

    Raises UsageError where there is no screen.
    """
    _be_sharp()
    try:
        root = tk.Tk(className="gotwatch")
    except tk.TclError as exc:
        raise UsageError(f"No window can be shown here: {exc}", hint="Use: gotwatch setup, in a terminal.") from exc
    window = _Window(root, host)
    root.mainloop()
    return window.has_begun


class _Window:
    def __init__(self, root: tk.Tk, host: Host) -> None:
        self.has_begun = False
        self._root = root
        self._host = host
        self._heard: SimpleQueue[Callable[[], None]] = SimpleQueue()  # what other threads want done here
        self._typing: str | None = None  # the timer that runs while a folder is typed
        self._gpu = host.gpu()
        self._lacks_model = host.lacks_model()
        self._suggested = host.output_of(host.folder())
        self._folder = tk.StringVar(value=shown(host.folder()))
        self._output = tk.StringVar(value=shown(self._suggested))
        self._mode = tk.StringVar(value=Mode.PLAIN.value)
        self._read_existing = tk.BooleanVar(value=True)
        self._at_login = tk.BooleanVar(value=False)
        self._download = tk.BooleanVar(value=self._lacks_model and self._gpu is not None)
        self._complaint = tk.StringVar()
        self._told = tk.StringVar()
        self._dress()
        self._page = self._questions()
        self._folder.trace_add("write", lambda *_: self._note_folder())
        self._count()
        root.after(LOOK_MILLISECONDS, self._heed)

    def _dress(self) -> None:
        self._root.title(say("Welcome to gotwatch"))
        self._root.resizable(width=False, height=False)
        self._root.protocol("WM_DELETE_WINDOW", self._root.destroy)
        self._root.bind("<Escape>", lambda _: self._root.destroy())
        self._root.bind("<Return>", lambda _: self._begin())
        self._root.bind_class("TEntry", "<Control-a>", _select_all)  # Tk's own key for it is known to few
        picture = BytesIO()
        draw(Look(Mood.IDLE), ICON_PIXELS).save(picture, "PNG")
        self._icon = tk.PhotoImage(data=b64encode(picture.getvalue()))  # kept: Tk itself does not
        self._root.iconphoto(True, self._icon)
        if self._root.tk.call("tk", "windowingsystem") == "x11":
            _dress_for_x11(ttk.Style())
        title = font.nametofont("TkDefaultFont").copy()
        title.configure(size=round(title.actual("size") * 1.5), weight="bold")
        self._title_font = title
        self._root.configure(background=ttk.Style().lookup("TFrame", "background"))

    def _questions(self) -> ttk.Frame:
        page = self._new_page(say("Welcome to gotwatch"))
        self._text(
            page, say("Scans, photos and PDFs that come into a folder are read, and their text is put into another.")
        )
        self._place(page, say("Which folder shall be watched?"), self._folder)
        self._place(page, say("Where shall the results go?"), self._output)
        self._text(page, say("How shall it be read?"))
        modes = {
            Mode.PLAIN: say("Plain text"),
            Mode.FORMAT: say("With formulas, tables and headings; this needs GOT-OCR2.0"),
        }
        for mode, label in modes.items():
            option = ttk.Radiobutton(page, text=label, value=mode.value, variable=self._mode, command=self._note_mode)
            option.grid(column=0, columnspan=2, sticky="w", padx=(2 * GAP, 0))
        slot = ttk.Frame(page)  # which takes no room while there is nothing to ask
        slot.grid(column=0, columnspan=2, sticky="w")
        self._existing = self._check(slot, "", self._read_existing)
        self._existing.grid_remove()
        if self._may_ask_for_login():
            self._check(page, say("Start gotwatch when I log in"), self._at_login)
        if self._lacks_model:
            self._model = self._check(page, say("Download GOT-OCR2.0 now (1.1 GB)"), self._download)
            self._note_mode()
        if self._gpu:
            self._text(page, say("This machine has a GPU: {gpu}.", gpu=self._gpu))
        self._complaints(page)
        self._buttons(page, (say("Cancel"), self._root.destroy), (say("Begin"), self._begin))
        return page

    def _may_ask_for_login(self) -> bool:
        try:
            return self._host.may_ask_for_login()
        except GotwatchError as error:
            self._complain(error)
            return False

    def _begin(self) -> None:
        if self.has_begun:
            return
        self._complaint.set("")
        try:
            self._host.begin(self._answers())
        except GotwatchError as error:
            self._complain(error)
            return
        self.has_begun = True
        if self._at_login.get():
            self._start_at_login()
        if self._download.get():
            self._go_on()
            self._aside(
                lambda: self._host.download(lambda line: self._heard.put(partial(self._told.set, retell(line))))
            )
        elif self._complaint.get():
            self._go_on()
        else:
            self._root.destroy()

    def _start_at_login(self) -> None:
        try:
            self._host.start_at_login()
        except GotwatchError as error:
            self._complain(error)

    def _go_on(self) -> None:
        """The second page: what is still to be done or said."""
        self._page.destroy()
        self._page = page = self._new_page(say("gotwatch is set up"))
        folder, output = self._folder.get(), self._output.get()
        self._text(page, say("gotwatch watches {folder} and writes to {output}.", folder=folder, output=output))
        if self._download.get():
            self._text(page, "", self._told)
            self._bar = ttk.Progressbar(page, mode="indeterminate", length=WRAP_PIXELS)
            self._bar.grid(column=0, columnspan=2, pady=GAP)
            self._bar.start()
            self._text(page, say("You need not wait: what is missing is downloaded before the first page is read."))
        self._complaints(page)
        self._buttons(page, (say("Start gotwatch"), self._root.destroy))
        self._root.bind("<Return>", lambda _: self._root.destroy())

    def _answers(self) -> Answers:
        """Raises UsageError."""
        places = [variable.get().strip() for variable in (self._folder, self._output)]
        if not all(places):
            raise UsageError("A folder has no name yet", hint="Choose one.")
        folder, output = (absolute(Path(place).expanduser()) for place in places)
        read_existing = self._read_existing.get()
        return Answers(folder=folder, output=output, mode=Mode(self._mode.get()), read_existing=read_existing)

    def _note_folder(self) -> None:
        """Its results go beside it, unless somebody said otherwise; and what is in it is counted."""
        folder = self._folder.get().strip()
        if folder and self._output.get() == shown(self._suggested):
            self._suggested = self._host.output_of(Path(folder))
            self._output.set(shown(self._suggested))
        if self._typing:
            self._root.after_cancel(self._typing)
        self._typing = self._root.after(TYPING_MILLISECONDS, self._count)

    def _count(self) -> None:
        self._typing = None
        typed = self._folder.get().strip()
        folder = Path(typed).expanduser()

        def count() -> None:
            found = self._host.count(folder) if typed else 0
            self._heard.put(lambda: self._note_count(typed, found))

        Thread(target=count, name="count", daemon=True).start()

    def _note_count(self, typed: str, count: int) -> None:
        if self.has_begun or typed != self._folder.get().strip():
            return
        if not count:
            self._existing.grid_remove()
            return
        question = say("There are {count} documents in it already. Read them too?", count=count)
        self._existing.configure(text=question)
        self._existing.grid()

    def _note_mode(self) -> None:
        """Without a GPU plain text is read by an engine that needs no download."""
        if not self._lacks_model or self._gpu:
            return
        is_needed = self._mode.get() == Mode.FORMAT.value
        self._download.set(is_needed)
        self._model.state(["!disabled" if is_needed else "disabled"])

    def _aside(self, work: Callable[[], None]) -> None:
        """In a thread; the window closes when it is done."""

        def run() -> None:
            try:
                work()
            except GotwatchError as error:
                self._heard.put(partial(self._fail, error))
            else:
                self._heard.put(self._root.destroy)

        Thread(target=run, name="download", daemon=True).start()

    def _fail(self, error: GotwatchError) -> None:
        self._bar.grid_remove()
        self._told.set("")
        self._complain(error)

    def _complain(self, error: GotwatchError) -> None:
        lines = (self._complaint.get(), retell(error.message), retell(error.hint))
        self._complaint.set("\n".join(filter(None, lines)))

    def _heed(self) -> None:
        with suppress(Empty):
            while True:
                self._heard.get_nowait()()
        with suppress(tk.TclError):  # the window was closed just now
            self._root.after(LOOK_MILLISECONDS, self._heed)

    def _new_page(self, title: str) -> ttk.Frame:
        page = ttk.Frame(self._root, padding=2 * GAP)
        page.grid()
        page.columnconfigure(0, weight=1)
        heading = ttk.Label(page, text=title, font=self._title_font)
        heading.grid(column=0, columnspan=2, sticky="w", pady=(0, GAP))
        return page

    def _text(self, page: ttk.Frame, text: str, variable: tk.StringVar | None = None) -> ttk.Label:
        label = ttk.Label(page, text=text, wraplength=WRAP_PIXELS, justify="left")
        if variable:
            label.configure(textvariable=variable)
        label.grid(column=0, columnspan=2, sticky="w", pady=(GAP, GAP // 2))
        return label

    def _place(self, page: ttk.Frame, question: str, variable: tk.StringVar) -> None:
        self._text(page, question)
        entry = ttk.Entry(page, textvariable=variable, width=WIDTH)
        entry.grid(column=0, sticky="ew", padx=(2 * GAP, GAP))
        button = ttk.Button(page, text=say("Choose…"), command=lambda: self._choose(question, variable))
        button.grid(column=1, row=page.grid_size()[1] - 1)

    def _choose(self, question: str, variable: tk.StringVar) -> None:
        now = Path(variable.get()).expanduser()
        place = next((place for place in (now, *now.parents) if place.is_dir()), Path.home())
        if chosen := filedialog.askdirectory(parent=self._root, title=question, initialdir=place, mustexist=False):
            variable.set(shown(Path(chosen)))

    def _check(self, page: ttk.Frame, text: str, variable: tk.BooleanVar) -> ttk.Checkbutton:
        check = ttk.Checkbutton(page, text=text, variable=variable)
        check.grid(column=0, columnspan=2, sticky="w", pady=(GAP, 0))
        return check

    def _complaints(self, page: ttk.Frame) -> None:
        label = self._text(page, "", self._complaint)
        label.configure(foreground=COMPLAINT)

    def _buttons(self, page: ttk.Frame, *choices: tuple[str, Callable[[], None]]) -> None:
        row = ttk.Frame(page)
        row.grid(column=0, columnspan=2, sticky="e", pady=(GAP, 0))
        for column, (text, command) in enumerate(choices):
            button = ttk.Button(row, text=text, command=command)
            button.grid(column=column, row=0, padx=(GAP, 0))
        button.focus_set()


def _select_all(event: "tk.Event[tk.Misc]") -> str:
    entry = event.widget
    assert isinstance(entry, ttk.Entry)
    entry.select_range(0, "end")
    entry.icursor("end")
    return "break"  # or it goes to the line's beginning too


def _dress_for_x11(style: ttk.Style) -> None:
    """There Tk has no look of the system's, and its own is that of 1990."""
    style.theme_use("clam")
    style.configure(".", background=GROUND, bordercolor=EDGE, lightcolor=GROUND, darkcolor=GROUND)
    style.configure("TButton", background=BUTTON, padding=(2 * GAP, GAP // 2))
    style.map("TButton", background=[("active", EDGE)], bordercolor=[("focus", ACCENT)])
    style.configure("TEntry", padding=GAP // 2)
    style.map("TEntry", bordercolor=[("focus", ACCENT)], lightcolor=[("focus", ACCENT)])
    for kind in ("TCheckbutton", "TRadiobutton"):
        style.map(kind, background=[("active", GROUND)], indicatorbackground=[("selected", ACCENT)])
    style.map("TCheckbutton", indicatorforeground=[("selected", "white")])
    style.configure("TProgressbar", background=ACCENT, troughcolor=BUTTON)


def _be_sharp() -> None:
    """Or Windows enlarges the window as a picture on screens of many pixels."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - there alone

        with suppress(AttributeError, OSError):  # before Windows 8.1
            ctypes.windll.shcore.SetProcessDpiAwareness(1)
