"""One case: the statements that make a database, the settings of both servers, and how it is moved.
SPDX-License-Identifier: MIT
"""
import dataclasses
import json


@dataclasses.dataclass
class Line:
    """What stands or falls as one when a case is made smaller.

    where: 'database' (as an administrator, in the database), 'source' or 'target' (in no database, on that server).
    text: statements for the product's own client; one that fails is passed over, so that any part may be left out.
    undo: what puts the server back when the case is over; a database needs none.
    """
    where: str
    text: str
    undo: str = ''


@dataclasses.dataclass
class Case:
    pair: str  # 'mariadb' or 'mariadb:mariadb118', as servers.sh names products
    seed: int
    database: str
    create: str  # how the database is made
    lines: list
    dump: list = dataclasses.field(default_factory=list)  # options, beside the database
    load: list = dataclasses.field(default_factory=list)
    verify: list = dataclasses.field(default_factory=list)
    where: dict = dataclasses.field(default_factory=dict)  # of a table, as the client writes it: which of its rows are meant

    def smaller(self, lines):
        return dataclasses.replace(self, lines=lines)

    def options(self):
        return {'dump': self.dump, 'load': self.load, 'verify': self.verify}

    def keep(self, path):
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(dataclasses.asdict(self), file, ensure_ascii=False, indent=1)

    @staticmethod
    def kept(path):
        with open(path, encoding='utf-8') as file:
            case = Case(**json.load(file))
        case.lines = [Line(**line) for line in case.lines]
        return case
