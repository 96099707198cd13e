"""What a page may send: a file that was opened, and a name that is markup."""

import datetime
from typing import Any

HOSTILE = "<img src=x onerror=alert(1)>"


def upload(name: str, content: bytes) -> dict[str, Any]:
    return {
        "name": name, "type": "image/png", "size": len(content), "content": memoryview(content),
        "last_modified": datetime.datetime.now(datetime.UTC),
    }  # fmt: skip
