"""`arithmetic`: questions with one right answer each.

Only answers count, and digits may be replaced by chance, so the entropy is known.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from functools import cached_property

import numpy as np

from trainer.domains.base import Array, Domain, Entropy, Mask, Seed, Tokens, binary, ratio, require

ALPHABET = "_0123456789-.<>=+*?%&xp;"
"""`_` fills up, `;` ends an answer."""
CODES = np.zeros(256, np.int64)
CODES[np.frombuffer(ALPHABET.encode(), np.uint8)] = np.arange(len(ALPHABET))
DIGITS = slice(1, 11)
EQUALS, END, FILL = ALPHABET.index("="), ALPHABET.index(";"), 0
ENUMERATED = 200_000
"""Questions up to which the mean number of digits is counted over all of them."""
MEASURED = 65_536


MODULES: dict[str, Callable[[int, int], str]] = {
    "add": lambda a, b: f"{a}+{b}={a + b}",
    "subtract": lambda a, b: f"{a}-{b}={a - b}",
    "multiply": lambda a, b: f"{a}*{b}={a * b}",
    "compare": lambda a, b: f"{a}?{b}={'<' if a < b else '>' if a > b else '.'}",
    "remainder": lambda a, b: f"{a}%{max(b, 1)}={a % max(b, 1)}",
    "gcd": lambda a, b: f"{max(a, 1)}&{max(b, 1)}={math.gcd(max(a, 1), max(b, 1))}",
    "linear": lambda a, b: f"{a + 1}x{(a + 1) * b}={b}",
    "polynomial": lambda a, b: f"{a}p{b}={a * a + b * a + b}",
}
"""Question and answer of two numbers; divisors are at least 1. `linear`: ax = c, for x; `polynomial`: a² + ba + b."""
ANSWERS: dict[str, Callable[[int, int], str]] = {
    "+": lambda a, b: str(a + b),
    "-": lambda a, b: str(a - b),
    "*": lambda a, b: str(a * b),
    "?": lambda a, b: "<" if a < b else ">" if a > b else ".",
    "%": lambda a, b: str(a % b),
    "&": lambda a, b: str(math.gcd(a, b)),
    "x": lambda a, b: str(b // a),
    "p": lambda a, b: str(a * a + b * a + b),
}
"""The answer, from a question as it is written: how the oracle works."""
QUESTION = re.compile(r"(\d+)([-+*?%&xp])(\d+)=")


class Arithmetic(Domain, frozen=True, tag="arithmetic", kw_only=True):
    """n ~ U{1…digits}, a and b ~ U{0…10ⁿ−1}, module ~ U.

    Each digit of the answer, not its sign, length or end, is another with probability η.
    """

    digits: int = 2
    modules: tuple[str, ...] = ("add", "subtract", "multiply", "compare")
    replaced: float = 0.0

    def __post_init__(self) -> None:
        unknown = [m for m in self.modules if m not in MODULES]
        require(
            bool(self.modules) and not unknown,
            f"arithmetic: expected modules among {', '.join(MODULES)}, got {', '.join(self.modules)}",
        )
        require(1 <= self.digits <= 6, f"arithmetic: expected 1 to 6 digits, got {self.digits}")
        require(0 <= self.replaced < 1, f"arithmetic: expected replaced in 0..1, got {self.replaced}")

    @property
    def vocabulary(self) -> int:
        return len(ALPHABET)

    @property
    def layout(self) -> tuple[int, ...]:
        most = 10**self.digits - 1
        return (max(len(MODULES[m](a, b)) for m in self.modules for a, b in ((most, most), (0, most), (most, 1))) + 1,)

    def _encoded(self, lines: list[str]) -> Tokens:
        text = np.array([line + ";" for line in lines], f"S{self.length}").view(np.uint8).reshape(len(lines), -1)
        return CODES[text]

    def samples(self, seed: Seed, n: int) -> Tokens:
        return self.questions(seed, n, None)

    def questions(self, seed: Seed, n: int, difficulty: int | None) -> Tokens:
        """Samples whose n is `difficulty`, or drawn where that is None."""
        random = np.random.default_rng(seed)
        size = 10.0 ** (random.integers(1, self.digits + 1, n) if difficulty is None else np.full(n, difficulty))
        numbers = (random.random((2, n)) * size).astype(np.int64)
        kinds = random.integers(0, len(self.modules), n)
        makers = [MODULES[m] for m in self.modules]
        tokens = self._encoded([makers[k](a, b) for k, a, b in zip(kinds.tolist(), *numbers.tolist(), strict=True)])
        hit = self._noisy(tokens) & (random.random(tokens.shape) < self.replaced)
        other = 1 + (tokens - 1 + random.integers(1, 10, tokens.shape)) % 10
        return np.where(hit, other, tokens)

    def counted(self, tokens: Tokens) -> Mask:
        """Tokens from after the equals sign to the end sign, (n, length)."""
        after = (tokens == EQUALS).cumsum(axis=1) - (tokens == EQUALS) > 0
        return np.asarray(after & (tokens != FILL))

    def _noisy(self, tokens: Tokens) -> Mask:
        """Which tokens are digits of answers, and so may be replaced, (n, length)."""
        return self.counted(tokens) & (tokens >= DIGITS.start) & (tokens < DIGITS.stop)

    def _answered(self, tokens: Tokens) -> Tokens:
        """The same questions with their right answers, worked out from the questions as written."""
        letters = np.array(list(ALPHABET))
        lines = ["".join(row) for row in letters[tokens].tolist()]
        questions = [QUESTION.match(line) for line in lines]
        if not all(questions):
            raise ValueError("arithmetic: a sample has no question")
        return self._encoded([m[0] + ANSWERS[m[2]](int(m[1]), int(m[3])) for m in questions if m])

    def conditionals(self, tokens: Tokens) -> Array:
        """Of answers; what is not counted is uniform here."""
        right = self._answered(tokens)
        counted, noisy = self.counted(right), self._noisy(right)
        probabilities = np.eye(self.vocabulary)[right]
        digit = np.zeros(self.vocabulary)
        digit[DIGITS] = self.replaced / 9
        probabilities = np.where(
            noisy[:, :, None], digit + (1 - self.replaced - self.replaced / 9) * probabilities, probabilities
        )
        return np.where(counted[:, :, None], probabilities, 1 / self.vocabulary)

    @cached_property
    def entropy(self) -> Entropy:
        """(h_b(η) + η ln 9) a digit of the answer, over counted tokens; 0 where η = 0.

        Digits are counted over every question where few.
        """
        each = binary(self.replaced) + self.replaced * np.log(9)
        if not self.replaced:
            return Entropy(0.0)
        if self.digits == 1 or 100**self.digits * len(self.modules) <= ENUMERATED:
            per_size = [self._counts(self._all(size)) for size in range(1, self.digits + 1)]
            digits, tokens = np.mean([c.mean(axis=1) for c in per_size], axis=0)
            return Entropy(float(each * digits / tokens))
        digits, tokens = self._counts(self.samples((2020,), MEASURED))
        return ratio(each * digits, tokens.astype(np.int64))

    def _counts(self, tokens: Tokens) -> Array:
        """Noisy digits and counted tokens of each sample, (2, n)."""
        return np.array([self._noisy(tokens).sum(axis=1), self.counted(tokens).sum(axis=1)], float)

    def _all(self, size: int) -> Tokens:
        """Every question of numbers below 10^size, (questions, length)."""
        pairs = list(itertools.product(range(10**size), repeat=2))
        return self._encoded([MODULES[module](a, b) for module in self.modules for a, b in pairs])
