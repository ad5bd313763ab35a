"""What is no finding: refusals that are an answer, and differences that are none. Each with its reason.

A line here is a promise that somebody has looked. SPDX-License-Identifier: MIT
"""
import re

# tool, what it says, why that is right.
kRefusals = [
    ('dump-stream', 'belongs to the server and is not copied', "MySQL's sys schema in other letters"),
    ('dump-stream', 'matches nothing', 'the server refused the table that the filter names'),
    ('dump-stream', 'keeps the history of its rows, which a copy would lose', 'CAVEATS of dump-stream(1): system versioning'),
    ('dump-stream', r'has the type vector\(\d+\), which cannot be carried', 'CAVEATS of dump-stream(1)'),
    ('dump-stream', 'holds the (empty member of a SET|values of an ENUM|values of a SET)', 'CAVEATS of dump-stream(1)'),
    ('load-stream', 'partitioned tables cannot be unlogged', 'flytt-postgres(7): PostgreSQL 18 has none, and pg_dump before it writes them'),
    ('load-stream', 'is what a table of the copy is made with, --table did not bring it', 'named beforehand, with what to do'),
    ('load-stream', 'max_allowed_packet: is', 'named beforehand, with the statement that mends it'),
]

# pair (a pattern), kind of object, the two texts made the same by: pattern, instead. None stands for whatever it is.
kDifferences = [
    # A newer release prints the same in other words.
    ('mariadb:mariadb118', 'Table structure.*', ' INVISIBLE DEFAULT NULL', ' DEFAULT NULL INVISIBLE'),
    ('postgres:postgres18', '(materialized )?view', r'(?:"(?:[^"]|"")+"|\w+)\.(?=["\w*])', ''),
    # Names of NOT NULL are new in 18; one that is cut at 63 bytes looks chosen.
    ('postgres:postgres18', 'table', r'CONSTRAINT (?:"(?:[^"]|"")+"|\w+) NOT NULL', 'NOT NULL'),
    # MAINTAIN is new in 17: "all" is one more there.
    ('postgres:postgres18', 'acl', '(SELECT|INSERT|REFERENCES|DELETE|TRIGGER|TRUNCATE|UPDATE|MAINTAIN)(,(SELECT|INSERT|REFERENCES|DELETE|TRIGGER|TRUNCATE|UPDATE|MAINTAIN)){6,7}', 'ALL'),
    # MariaDB keeps the statement as it was written under sql_quote_show_create = OFF.
    ('mariadb.*', 'trigger', r'DEFINER=`?([^`@ ]+)`?@`?([^`* ]+)`?', r'DEFINER=\1@\2'),
    # load-stream(1): events arrive disabled, so that they do not run on both servers; a switchover enables them.
    ('ma.*|my.*', 'event', r' (ENABLE|DISABLE) (DO|COMMENT) ', r' \2 '), ('ma.*|my.*', 'attributes of event', '\tENABLED\t', '\tDISABLED\t'),
]

# What load-stream ends with 10 for, or verify-rows with 1, though the judge sees no difference.
kPartial = [
    ('may be used by others than on the source', 'MAINTAIN (17): an owner whose rights stand one by one on an older server lacks it, which pg_dump does not show'),
    (r"grants: .* ALL' on the source, 'grants: .* DELETE,INSERT", 'the same, as verify-rows says it'),
]


# What verify-rows does not call a difference, by kind of object.
kVerified = {
    'sequence': 'verify-rows(1): a sequence may be ahead on the target, as it is after ALTER SEQUENCE … RESTART below START',
    'Sequence structure for': 'the value stands in it',
}


def verified(key):
    return key[0] in kVerified


def refusal(tool, said):
    return any(one == tool and re.search(pattern, said) for one, pattern, _ in kRefusals)


def partial(said):
    return any(re.search(pattern, said) for pattern, _ in kPartial)


def difference(pair, key, one, other):
    """Whether the two texts mean the same on this pair of releases."""
    if one is None or other is None:
        return False
    for which, kind, pattern, instead in kDifferences:
        if re.fullmatch(which, pair) and re.fullmatch(kind, key[0]):
            one, other = re.sub(pattern, instead, one), re.sub(pattern, instead, other)
    return one == other
