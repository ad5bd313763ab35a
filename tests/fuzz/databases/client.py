"""The products' own client and dump programs: all that this machine asks a server is asked through them.
SPDX-License-Identifier: MIT
"""
import os
import subprocess

kLimit = 120  # seconds that any one program may take; the cases are small


def run(arguments, stdin='', environment=None):
    """status, stdout, stderr of a program, as text; whatever is no UTF-8 is shown. Status 124 when its time was over."""
    try:
        done = subprocess.run(arguments, input=stdin.encode('utf-8', 'surrogateescape'), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=kLimit, env=environment)
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b'').decode('utf-8', 'backslashreplace'), (late.stderr or b'').decode('utf-8', 'backslashreplace') + f'\nstill running after {kLimit} s'
    return done.returncode, done.stdout.decode('utf-8', 'backslashreplace'), done.stderr.decode('utf-8', 'backslashreplace')


class Server:
    """One of the servers that run.sh started, by the name that servers.sh knows it by."""

    def __init__(self, name, dump):
        self.name, self.dump_program = name, dump
        self.product, self.url, self.socket, self.port = (os.environ[f'S_{name.upper()}_{key}'] for key in ('PRODUCT', 'URL', 'SOCKET', 'PORT'))
        self.postgres = self.product.startswith('postgres')
        self.maria = self.product.startswith('mariadb')

    def arguments(self):
        if self.postgres:
            return [f'--host={self.socket}', f'--port={self.port}', '--username=postgres']
        return ['--no-defaults', f'--socket={self.socket}', '--user=root', '--default-character-set=utf8mb4']

    def sql(self, text, database='', charset=''):
        """Rows as text, one a line, and what the server said against it; a statement that fails does not end the others."""
        if self.postgres:
            environment = dict(os.environ, PGCLIENTENCODING=charset or 'UTF8')
            arguments = ['psql', '--no-psqlrc', '--quiet', '--no-align', '--tuples-only', '--field-separator=\t', *self.arguments(), '--file=-', f'--dbname={conninfo(database or "postgres")}']
        else:
            environment = None
            arguments = ['mariadb', *self.arguments(), '--force', '--batch', '--raw', '--skip-column-names'] + ([f'--database={database}'] if database else [])
        _, out, errors = run(arguments, text, environment)
        return out, errors

    def lines(self, text, database=''):
        out, errors = self.sql(text, database)
        if errors:
            raise RuntimeError(f'{self.name}: {errors.strip()} (asked: {text[:300]})')
        return [line for line in out.split('\n') if line]

    def dump(self, database, options):
        """The product's own dump as text."""
        arguments = [self.dump_program, *self.arguments(), *options] + ([f'--dbname={conninfo(database)}'] if self.postgres else ['--databases', database])
        return run(arguments)


def conninfo(database):
    return "dbname='" + database.replace('\\', '\\\\').replace("'", "\\'") + "'"
