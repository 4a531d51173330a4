"""The tags of MathML as engines write it, and as the sanitiser leaves it."""

import re

TAG = re.compile(r"<(?P<end>/?)(?P<name>\w+)(?P<attributes>[^\">]*(?:\"[^\"]*\"[^\">]*)*)>(?P<text>[^<]*)")
