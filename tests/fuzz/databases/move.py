"""One move of one case, and the judgement: what the tools said, against what both servers hold.
SPDX-License-Identifier: MIT
"""
import dataclasses
import os
import re

import known
import mysql_judge
import postgres_judge
from client import run

kReset = 'SET SESSION sql_mode = DEFAULT, time_zone = DEFAULT, lc_time_names = DEFAULT, foreign_key_checks = 1, character_set_client = utf8mb4, collation_connection = DEFAULT;\n'


@dataclasses.dataclass
class Finding:
    """kind: which promise is broken; about: what is the same in all findings of one cause; text: for a person."""
    kind: str
    about: str
    text: str

    def signature(self):
        return f'{self.kind}: {self.about}'


@dataclasses.dataclass
class Outcome:
    findings: list
    objects: int = 0
    rows: int = 0
    moved: bool = False
    refused: str = ''


class Mover:
    """The two servers of a pair and what is done on them. Leaves both as they were before the case."""

    def __init__(self, source, target, directory):
        self.source, self.target, self.directory = source, target, directory
        self.judge = postgres_judge if source.postgres else mysql_judge

    def build(self, case):
        for line in case.lines:
            if line.where in ('source', 'target'):
                (self.source if line.where == 'source' else self.target).sql(line.text)
        self.source.sql(case.create + ';')
        separator = '\n' if self.source.postgres else '\n' + kReset
        text = separator.join(line.text for line in case.lines if line.where == 'database')
        _, errors = self.source.sql(('' if self.source.postgres else kReset) + text, case.database)
        return errors

    def clear(self, case):
        for server in (self.source, self.target):
            self.judge.drop(server, case.database)
        self.unset(case)

    def unset(self, case):
        for line in case.lines:
            if line.undo:
                (self.source if line.where == 'source' else self.target).sql(line.undo)

    def tool(self, name, options, *urls):
        status, out, errors = run([name, *options, *urls])
        return status, out + errors

    def url(self, server, case):
        return self.judge.url(server, case.database) if server.postgres else server.url

    def play(self, case):
        """Builds, moves, verifies and judges one case."""
        try:
            self.clear(case)
            self.build(case)
            return self.judged(case)
        finally:
            self.clear(case)

    def judged(self, case):
        stream = os.path.join(self.directory, 'stream')
        which = [] if self.source.postgres else ['--database', case.database]
        findings = []
        dump, dump_said = self.tool('dump-stream', ['-v', *which, *case.dump, '-o', stream], self.url(self.source, case))
        load = verify = None
        load_said = verify_said = ''
        if dump in (0, 10):
            load, load_said = self.tool('load-stream', ['-v', *case.load, '-i', stream], self.url(self.target, case))
        if load in (0, 10):
            verify, verify_said = self.tool('verify-rows', [*which, *case.verify], self.url(self.source, case), self.url(self.target, case))
        self.unset(case) # a judge asks as he is, not as the case is set
        for tool, status, said in (('dump-stream', dump, dump_said), ('load-stream', load, load_said), ('verify-rows', verify, verify_said)):
            if status is None or status in (0, 10) or (tool == 'verify-rows' and status == 1):
                continue
            line = first_error(said)
            if status in (13, 64, 65, 69, 77) and known.refusal(tool, said):
                return Outcome(findings, refused=line)
            findings.append(Finding(f'{tool} {status}', plain(line, case), said))
            return Outcome(findings)

        before, after = self.judge.snapshot(self.source, case.database, case.where), self.judge.snapshot(self.target, case.database)
        rows = sum(int(found.group(1)) for key, text in before.items() if key[0] == 'rows of' and (found := re.search(r'\((\d+) rows\)', text)))
        differing = []
        said = dump_said + load_said
        for key in sorted(set(before) | set(after or {})):
            one, other = before.get(key), (after or {}).get(key)
            if key == ('dump', 'errors') and one is not None: # what the product's own dump cannot read, its catalogs tell
                continue
            if one == other or known.difference(case.pair, key, one, other):
                continue
            if left_out(key, one or '', dump_said.replace(case.database + '.', 'DB.')):
                continue
            differing.append(key)
            named = load == 10 and any(name in load_said.replace('``', '`') for name in spellings(key[1].strip('`')))
            if not named:
                findings.append(Finding('not equal, and load-stream said ' + str(load), key[0], f'{key[0]} {key[1]}\n--- source\n{one}\n--- target\n{other}\n--- said\n{said}'))
        unseen = [key for key in differing if not known.verified(key)]
        if verify == 0 and unseen:
            findings.append(Finding('not equal, and verify-rows said 0', ', '.join(sorted({key[0] for key in unseen})), f'{unseen}\n{verify_said}'))
        if verify == 1 and not differing and not known.partial(verify_said):
            findings.append(Finding('equal, and verify-rows said 1', plain(first_difference(verify_said), case), verify_said))
        if load == 10 and not differing and not known.partial(load_said):
            findings.append(Finding('equal, and load-stream said 10', plain(first_error(load_said), case), load_said))
        return Outcome(findings, len(before), rows, True)


def left_out(key, text, said):
    """Whether dump-stream -v has said that this object stays behind, or the table that it is part of."""
    lines = [line.split('left out: ')[1] for line in said.split('\n') if 'left out: ' in line]
    if any(name in line for line in lines for name in spellings(key[1].strip('`'))):
        return True
    tables = [line.split('.', 1)[1] for line in lines if line.startswith('table ') and '.' in line]
    return any(f'ON {quote}{table}{quote}' in text.replace('``', '`').replace('""', '"') or f'.{quote}{table}{quote} ' in text for table in tables for quote in ('`', '"', ''))


def spellings(name):
    """The name, as a message shows it, and what it looks like to a session that took it for latin1, as cases have them."""
    return [name, name.replace('\t', '\\t'), name.encode('utf-8').decode('cp1252', 'replace')]


def first_error(said):
    for line in said.split('\n'):
        if re.search(r'error|cannot|refus|lacks|not ', line, re.I) and 'left out' not in line:
            return line
    return said.strip().split('\n')[-1]


def first_difference(said):
    return next((line for line in said.split('\n') if re.search(r'differ|missing|only', line)), said[:200])


def plain(line, case):
    """The line without what is of this case alone: names and numbers."""
    line = line.replace(case.database, 'DB')
    line = re.sub(r'`(?:[^`]|``)*`|"(?:[^"]|"")*"|\'[^\']*\'', 'X', line)
    line = re.sub(r'(table|column|view|function|procedure|trigger|event|sequence|routine|index|key|constraint) \S+', r'\1 X', line)
    line = re.sub(r'DB\.[^ :]+', 'DB.X', line)
    return re.sub(r'\d+', 'N', line)[:160]
