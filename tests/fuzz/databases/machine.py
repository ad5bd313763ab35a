#!/usr/bin/env python3
"""Usage: machine.py --seconds N [--seed N] [--case FILE] [--keep DIR] PAIR...

Makes whole databases out of a seed, moves each with the tools, and judges by the products' own programs whether what
arrived is what was there. Started by run.sh, which starts the servers and puts them into the environment.

  PAIR        a source and a target: mariadb:mariadb, each NAME=SERVER as in mariadb:mariadb=a:b
  --case FILE plays one kept case again, and nothing else

A finding is made small, kept as DIR/finding-N.json and told. The last line sums up. Exit status 1 with findings.
SPDX-License-Identifier: MIT
"""
import argparse
import os
import sys
import time

import mysql_objects
import postgres_judge
import postgres_objects
from case import Case
from client import Server
from dice import Dice
from move import Mover
from reduce import smallest

kReduceSeconds = 90


def movers(pairs, directory):
    out = {}
    for pair in pairs:
        name, servers = pair.split('=')
        source, target = servers.split(':')
        dump = 'pg_dump' if name.startswith('postgres') else 'mariadb-dump'
        dump = os.path.join(os.environ['FLYTT_JUDGE'], name.replace(':', '-'), dump)
        mover = Mover(Server(source, dump), Server(target, dump), directory)
        if mover.source.postgres:
            for server in (mover.source, mover.target):
                postgres_judge.prepare(server)
        out[name] = mover
    return out


def generate(pair, seed):
    objects = postgres_objects if pair.startswith('postgres') else mysql_objects
    return objects.generate(Dice(f'{pair} {seed}'), pair, seed)


class Report:
    """What was found, each cause once, and how much was moved."""

    def __init__(self, keep):
        self.keep, self.seen, self.moved, self.refused, self.objects, self.rows = keep, {}, 0, {}, 0, 0

    def add(self, outcome):
        self.objects += outcome.objects
        self.rows += outcome.rows
        self.moved += outcome.moved
        if outcome.refused:
            self.refused[outcome.refused] = self.refused.get(outcome.refused, 0) + 1

    def tell(self, finding, case):
        number = len(self.seen)
        path = os.path.join(self.keep, f'finding-{number}.json')
        case.keep(path)
        print(f'\n==== finding {number}: {finding.signature()}\npair {case.pair}, seed {case.seed}, kept in {path}')
        print(f'options: {case.options()}\n{case.create}')
        for line in case.lines:
            print(f'-- {line.where}\n{line.text}')
        print('---- what came of it\n' + finding.text[:6000], flush=True)


def hunt(mover, case, report, reduce_seconds):
    outcome = mover.play(case)
    report.add(outcome)
    for finding in outcome.findings:
        signature = finding.signature()
        if signature in report.seen:
            report.seen[signature] += 1
            continue
        report.seen[signature] = 1

        def shows(smaller):
            return any(one.signature() == signature for one in mover.play(smaller).findings)

        small = smallest(case, shows, reduce_seconds)
        again = [one for one in mover.play(small).findings if one.signature() == signature]
        report.tell(again[0] if again else finding, small)


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument('--seconds', type=float, default=60)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--case')
    parser.add_argument('--keep', default='.')
    parser.add_argument('--reduce', type=float, default=kReduceSeconds)
    parser.add_argument('--help', action='store_true')
    parser.add_argument('pairs', nargs='*')
    options = parser.parse_args()
    if options.help:
        print(__doc__)
        return 0
    os.makedirs(options.keep, exist_ok=True)
    report = Report(options.keep)
    all_movers = movers(options.pairs, options.keep)
    start, number = time.monotonic(), 0
    if options.case:
        case = Case.kept(options.case)
        hunt(all_movers[case.pair], case, report, 0)
        number = 1
    while not options.case and time.monotonic() - start < options.seconds:
        pair = list(all_movers)[number % len(all_movers)]
        try:
            hunt(all_movers[pair], generate(pair, options.seed + number), report, options.reduce)
        except Exception:
            print(f'the machine itself failed with pair {pair}, seed {options.seed + number}', file=sys.stderr)
            raise
        number += 1
    for line, count in sorted(report.refused.items()):
        print(f'refused, as it should be ({count}): {line}')
    print(f'fuzz databases: seed {options.seed}, {number} cases, {report.moved} databases moved with {report.objects} objects and {report.rows} rows, {len(report.seen)} findings'
          + ''.join(f'\n  {count} x {signature}' for signature, count in report.seen.items()))
    return 1 if report.seen else 0


if __name__ == '__main__':
    sys.exit(main())
