"""Texts as words. The only module that knows jieba, which finds words in Chinese."""

import re
import tempfile
import warnings
from functools import cache

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for a part of setuptools that is going, and does without
    import jieba

_CHINESE = re.compile("[\u4e00-\u9fa5]")


def split_as_paper(one: str, other: str) -> tuple[list[str], list[str]]:
    """By jieba if either has a Chinese character, else at white space. In the words by jieba white space is left."""
    if _CHINESE.search(one) or _CHINESE.search(other):
        return _chinese().lcut(one), _chinese().lcut(other)
    return one.split(), other.split()


def split(one: str, other: str) -> tuple[list[str], list[str]]:
    """Likewise, but white space is no word."""
    words, others = split_as_paper(one, other)
    return [word for word in words if word.strip()], [word for word in others if word.strip()]


@cache
def _chinese() -> "jieba.Tokenizer":
    tokenizer = jieba.Tokenizer()
    jieba.setLogLevel("ERROR")  # else it says on standard error how long it took
    with tempfile.TemporaryDirectory() as folder:
        # It keeps its dictionary in the folder for temporary files, and reads there what anybody has put under that
        # name. So it gets a folder of its own: the second that this costs is paid once.
        tokenizer.tmp_dir = folder
        tokenizer.initialize()
    return tokenizer
