// What the family's error numbers mean to us: the one place that knows them.
// Numbers: MariaDB and MySQL "Server Error Message Reference" (1xxx, 3xxx, 4xxx) and "Client Error Message Reference" (2xxx).
// SPDX-License-Identifier: MIT
#include <array>
#include <cerrno>
#include <new>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/connection.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Exit;

struct Meaning {
  unsigned native;
  Exit code;
  bool usable;   ///< the session can go on
  bool retry;    ///< the same again may work and does no harm
  std::string_view hint;
};

constexpr std::string_view kGrantHint = "Grant what the message names to this account, or use one that has it (flytt(7), ACCOUNTS).";
constexpr std::string_view kLoginHint =
    "Check user and password: FLYTT_SOURCE_PASSWORD, FLYTT_TARGET_PASSWORD, an option file, or ?password-file= (flytt(7), SERVERS).";
constexpr std::string_view kReachHint = "Check host, port, socket and firewall, and that the server runs.";
constexpr std::string_view kTlsHint =
    "Give the authority with ?ssl-ca=/path/ca.pem; ?ssl-mode=required encrypts without verifying, ?ssl-mode=disabled sends rows in clear.";
constexpr std::string_view kNoServerHint = "Is this a database server, or something that only looks like one?";
constexpr std::string_view kDiskHint = "Free space on the server's disk, then run the same command again.";

constexpr std::array<Meaning, 50> kMeanings{{
    {1044, Exit::privilege, true, false, kGrantHint},     // no access to database
    {1045, Exit::privilege, false, false, kLoginHint},    // login refused
    {1142, Exit::privilege, true, false, kGrantHint},     // command denied on table
    {1143, Exit::privilege, true, false, kGrantHint},     // command denied on column
    {1227, Exit::privilege, true, false, kGrantHint},     // needs a global privilege
    {1370, Exit::privilege, true, false, kGrantHint},     // routine
    {1410, Exit::privilege, true, false, kGrantHint},     // may not create a user with GRANT
    {1419, Exit::privilege, true, false, kGrantHint},     // SUPER for triggers and functions while logging
    {1698, Exit::privilege, false, false, kLoginHint},    // login refused, socket authentication
    {3118, Exit::privilege, false, false, "Unlock the account."},
    {4151, Exit::privilege, false, false, "Unlock the account."},
    {1449, Exit::unavailable, true, false, "Create the account that the message names, or load with --definer or --skip-definers."},
    {1040, Exit::unavailable, false, true, "Raise max_connections or lower --jobs."},
    {1226, Exit::unavailable, false, true, "The account's own limit is reached: lower --jobs or raise it."},
    {1049, Exit::unavailable, true, false, "Check the database's name."},
    {1053, Exit::unavailable, false, false, "The server is shutting down."},
    {1129, Exit::unavailable, false, false, "The host is blocked: FLUSH HOSTS on the server."},
    {1130, Exit::privilege, false, false, "The server has no account for this host."},
    {1927, Exit::unavailable, false, false, "Somebody ended this session (KILL), or the server is stopping."},
    {2002, Exit::unavailable, false, true, kReachHint},
    {2003, Exit::unavailable, false, true, kReachHint},
    {2004, Exit::unavailable, false, true, kReachHint},
    {2005, Exit::unavailable, false, true, "The host name is not known here."},
    {2006, Exit::unavailable, false, false, "The connection was lost: see the server's error log."},
    {2012, Exit::unavailable, false, false, kReachHint},
    {2013, Exit::unavailable, false, false, "The connection was lost: see the server's error log."},
    {2026, Exit::config, false, false, kTlsHint},
    {2000, Exit::unavailable, false, false, kNoServerHint},  // an answer that is none
    {2014, Exit::unavailable, false, false, kNoServerHint},  // answers to what was not asked
    {2020, Exit::unavailable, false, false, "A packet is larger than any row can be."},
    {2027, Exit::unavailable, false, false, kNoServerHint},  // malformed
    {5010, Exit::config, false, false,
     "Only a verified server, or one behind a socket file, is shown the password itself: ?ssl-ca=/path/ca.pem, or another kind of account."},
    {2055, Exit::unavailable, false, false, "The connection was lost: see the server's error log."},
    {2059, Exit::config, false, false, "The client library's plugin for this account's authentication is missing."},
    {2061, Exit::config, false, false, "Use TLS or a socket: this authentication needs a safe channel."},
    {4031, Exit::unavailable, false, false, "The server ended the idle session."},
    {1205, Exit::temporary, true, true, "Somebody holds a lock: the same command again continues."},
    {1213, Exit::temporary, true, true, "A deadlock was resolved against us: the same command again continues."},
    {1021, Exit::io, true, false, kDiskHint},             // disk full, waiting
    {1114, Exit::io, true, false, kDiskHint},             // table full
    {1026, Exit::io, true, false, kDiskHint},             // error writing file
    {1030, Exit::io, true, false, kDiskHint},             // error from storage engine
    {3, Exit::io, true, false, kDiskHint},
    {1317, Exit::unavailable, true, false, "The statement was interrupted."},
    {1969, Exit::unavailable, true, false, "The statement ran into a time limit."},
    {3024, Exit::unavailable, true, false, "The statement ran into a time limit."},
    {1412, Exit::unavailable, true, false, "A table was changed during the copy: start again."},
    {1146, Exit::unavailable, true, false, ""},
    {1153, Exit::unavailable, false, false, "Raise max_allowed_packet on the server."},
    {1290, Exit::unavailable, true, false, "The server is read-only, or runs with an option that forbids this."},
}};

/// A packet that the library has no memory for is a lost connection in its words; what malloc() said is still there.
bool client_out_of_memory(unsigned native) noexcept {
  constexpr unsigned kOutOfMemory = 2008, kGone = 2006, kLost = 2013, kLostExtended = 2055;
  const bool lost = native == kGone || native == kLost || native == kLostExtended;
  return native == kOutOfMemory || (lost && errno == ENOMEM);
}

bool digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

base::Error server_error(unsigned native, std::string_view sqlstate, std::string_view message, std::string_view statement,
                         std::string_view endpoint) {
  if (client_out_of_memory(native)) return base::as_error(std::bad_alloc()).within(std::string(endpoint));
  base::Facts facts;
  facts.sqlstate = sqlstate;
  facts.native = static_cast<int>(native);
  facts.statement = without_values(statement);
  facts.endpoint = endpoint;
  facts.connection_usable = native < 2000 || native >= 3000;
  Exit code = Exit::unavailable;
  for (const auto& m : kMeanings) {
    if (m.native != native) continue;
    code = m.code;
    facts.connection_usable = m.usable;
    facts.safe_to_retry = m.retry;
    facts.hint = m.hint;
  }
  return base::Error(code, base::concat(endpoint, ": ", message, " (", native, ")"), std::move(facts));
}

std::string without_values(std::string_view sql) {
  constexpr std::size_t kLimit = 200;
  std::string out;
  for (std::size_t i = 0; i < sql.size() && out.size() < kLimit;) {
    const char c = sql[i];
    if (c == '\'' || c == '"') {
      for (++i; i < sql.size(); ++i) {
        if (sql[i] == '\\') ++i;
        else if (sql[i] == c && (i + 1 >= sql.size() || sql[i + 1] != c)) break;
        else if (sql[i] == c) ++i;
      }
      ++i;
      out += '?';
    } else if (c == '`') {
      const auto end = sql.find('`', i + 1);
      const auto stop = end == std::string_view::npos ? sql.size() : end + 1;
      out += sql.substr(i, stop - i);
      i = stop;
    } else if (digit(c) && (out.empty() || !(std::isalnum(static_cast<unsigned char>(out.back())) || out.back() == '_'))) {
      while (i < sql.size() && (std::isalnum(static_cast<unsigned char>(sql[i])) || sql[i] == '.')) ++i;
      out += '?';
    } else {
      out += c;
      ++i;
    }
  }
  if (out.size() >= kLimit) out += "…";
  return out;
}

std::string quote_name(std::string_view name) {
  std::string out = "`";
  for (char c : name) {
    if (c == '`') out += '`';
    out += c;
  }
  return out + "`";
}

std::string quote_text(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += c;
    if (c == '\0') {
      out += "\\0";
      continue;
    }
    out += c;
  }
  return out + "'";
}

std::string quote_bytes(std::string_view bytes) { return bytes.empty() ? "''" : "X'" + base::hex(bytes) + "'"; }

}  // namespace flytt::engine::mysql_family
