"""A seeded source of choices, and the names and texts that hurt. Everything random in a case comes from one Dice.
SPDX-License-Identifier: MIT
"""
import random

# Each once broke a tool of this trade: quotes of every kind, what ends statements or comments, wildcards of LIKE, letters
# beyond ASCII, words of SQL, case, blanks at the ends, a name as long as allowed (64 characters; PostgreSQL cuts at 63 bytes).
HURTING = ['select "x";', "o'brien", 'back`tick', '100%', 'a_b', 'a.b', 'order', 'Group', 'ünïcödé', 'таблица', '表', '--', '/* x */', '$1', '#x', 'a b',
           'MiXed', 'mixed', '{}', '[x]', '\\N', 'a\\b', 'x' * 63, '1st', '1e5', 'NULL', 'default', "''", '""', '@a', ':a', '?', '!', 'tab\there', 'a,b', 'key', 'user']
# The four-byte characters are what servers that speak three bytes lose.
TEXTS = ['', ' ', 'plain', "it's", 'back\\slash', 'two\nlines', 'tab\t', '😀', 'a😀b', 'é', 'ß', 'Ω', '日本', 'NULL', '\\N', '"', '`', '%', '_', '--', ';', '/*', '*/', "''", 'x' * 300,
         ' lead', 'trail ', '0', '-1', '1e400', '0x41', "\x7f", '\x01', 'ÿ', '\u200b', 'ﬁ']


class Dice:
    """One case's choices. The same seed gives the same case, on every machine."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.taken = set()

    def one(self, choices):
        return self.random.choice(choices)

    def some(self, choices, least=0, most=None):
        """Between least and most of them, in the order in which they were given."""
        most = len(choices) if most is None else min(most, len(choices))
        keep = set(self.random.sample(range(len(choices)), self.random.randint(min(least, most), most)))
        return [choice for i, choice in enumerate(choices) if i in keep]

    def number(self, low, high):
        return self.random.randint(low, high)

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def name(self, stem, hurting=30, shortest=False):
        """A name nobody else in this case has, whatever case its letters are in; in percent of cases one that hurts."""
        for _ in range(1000):
            name = self.one(HURTING) if self.chance(hurting) else f'{stem}{self.number(1, 99)}'
            name = name[:20] if shortest else name
            if name.lower() not in self.taken:
                break
        else:
            name = f'{stem}{len(self.taken)}x'
        self.taken.add(name.lower())
        return name

    def text(self, plain=50):
        return self.one(TEXTS[:4]) if self.chance(plain) else self.one(TEXTS)
