"""One process of ``nanopinwheel serve``: requests go in as they come, answers return in their order.

A thread reads the answers, so that a list of requests, however long, never waits for a reader that
waits for its writer. At most ``WINDOW`` requests are on their way at a time.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
import threading
from collections import deque
from concurrent.futures import Future
from typing import Any, Deque, List, Optional, Sequence, Union

from .errors import InputError, ServerError, error_of

WINDOW = 256
"""Most requests that are sent and not yet answered."""

Command = Union[str, Sequence[str], None]


def command_line(command: Command = None) -> List[str]:
    """The program to run: the argument, else the variable NANOPINWHEEL, else ``nanopinwheel`` on PATH.

    A text is a path of a program, or a command with arguments; a path that ends in ``.js`` is run
    by Node.
    """
    chosen = command if command is not None else os.environ.get("NANOPINWHEEL")
    if chosen is None:
        found = shutil.which("nanopinwheel")
        if found is None:
            raise ServerError(
                "no nanopinwheel command: install it (npm install --global nanopinwheel), or name it by "
                "the argument `command` or the variable NANOPINWHEEL (a path of dist/cli.js will do)"
            )
        return [found]
    if isinstance(chosen, str):
        words = [chosen] if os.path.exists(chosen) else shlex.split(chosen)
    else:
        words = [str(word) for word in chosen]
    if not words:
        raise InputError("command: empty; expected a program, found nothing.", "command")
    return ["node", *words] if words[0].endswith(".js") else words


class Server:
    """A running ``serve`` of one model."""

    def __init__(self, model: dict, command: Command = None, workers: Optional[int] = None) -> None:
        try:
            text = json.dumps(model, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(f"model: not plain data; {error}", "model") from None
        words = command_line(command)
        handle, self._path = tempfile.mkstemp(prefix="nanopinwheel-", suffix=".json")
        with os.fdopen(handle, "w") as file:
            file.write(text)
        self._messages = tempfile.TemporaryFile()
        options = [] if workers is None else ["--workers", str(workers)]
        try:
            self._process = subprocess.Popen(
                [*words, "serve", self._path, *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._messages,
            )
        except OSError as error:
            self._forget_files()
            raise ServerError(f"{words[0]} cannot be started: {error}") from None
        self._waiting: Deque[Future] = deque()
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(WINDOW)
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, request: dict) -> Future:
        """Sends a request; the future holds its answer. Waits while too many are on their way."""
        try:
            line = json.dumps(request, allow_nan=False).encode() + b"\n"
        except (TypeError, ValueError) as error:
            raise InputError(f"request: not plain data; {error}", "request") from None
        self._room.acquire()
        future: Future = Future()
        try:
            # The order of the futures is that of the lines, whichever threads ask.
            with self._lock:
                if self._ended:
                    raise ServerError(self._last_words())
                self._waiting.append(future)
                self._process.stdin.write(line)
                self._process.stdin.flush()
        except (OSError, ValueError):
            # The reader sees the end of the process and fails every future, this one too.
            pass
        except ServerError:
            self._room.release()
            raise
        return future

    def _read(self) -> None:
        for line in self._process.stdout:
            # Without the lock: its holder may be writing to a server that waits for this reader. The
            # future of a line is in the queue before the line is sent.
            future = self._waiting.popleft()
            self._room.release()
            try:
                future.set_result(json.loads(line))
            except ValueError:
                future.set_exception(ServerError("an answer of the nanopinwheel process is no JSON"))
        self._process.wait()
        with self._lock:
            self._ended = True
            lost = list(self._waiting)
            self._waiting.clear()
        for future in lost:
            self._room.release()
            future.set_exception(self._end_error())

    def _last_words(self) -> str:
        try:
            self._messages.seek(0)
            text = self._messages.read().decode(errors="replace").strip()
        except ValueError:
            text = ""
        return text or "the nanopinwheel process has ended"

    def _end_error(self) -> Exception:
        """Status 2 says that the model is wrong: its message begins with the field."""
        text = self._last_words()
        if self._process.returncode == 2:
            field = text.splitlines()[-1].split(":")[0] if text else None
            return InputError(text, field)
        return ServerError(text)

    def _forget_files(self) -> None:
        try:
            os.unlink(self._path)
        except OSError:
            pass
        self._messages.close()

    def close(self) -> None:
        """Ends the process after the answers that are on their way."""
        if self._messages.closed:
            return
        with self._lock:
            try:
                self._process.stdin.close()
            except OSError:
                pass
        if threading.current_thread() is not self._reader:
            self._reader.join()
        self._process.stdout.close()
        self._forget_files()


def result_of(answer: dict) -> Any:
    """The result in an answer. Raises the error that it holds."""
    if "result" in answer:
        return answer["result"]
    raise error_of(answer)
