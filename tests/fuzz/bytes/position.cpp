// Positions: GTID sets of both products, places in a binary log, LSNs; and a channel's filters from a scope.
// Shape: a position as text up to a line feed, then another, then names and globs.
// SPDX-License-Identifier: MIT
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/preflight_positions.hpp>
#include <flytt/engine/mysql_family/replication_scope.hpp>
#include <flytt/value/position.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

constexpr std::string_view kOfGtids = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-:,";

value::Position position(const std::string& text) {
  const auto p = value::parse_position(text);
  require(p.known(), "a position that was read is not known");
  require(!p.display().empty(), "a position shows nothing");
  require(p.gtid.find_first_not_of(kOfGtids) == std::string::npos, "a GTID set holds what none can: " + p.gtid);
  const std::string back = !p.gtid.empty() ? p.gtid : !p.lsn.empty() ? p.lsn : base::concat(p.file, ":", p.offset);
  require(value::parse_position(back) == p, "a position is another one when it is read again: " + back);
  return p;
}

void filters(Bytes& in) {
  value::Scope scope;
  const unsigned how = in.byte();
  scope.all_databases = (how & 1) != 0;
  for (unsigned i = 0; i < how / 2 % 4; ++i) scope.databases.push_back(in.text());
  for (unsigned i = 0; i < how / 8 % 4; ++i) scope.include_tables.push_back(in.text());
  for (unsigned i = 0; i < how / 32 % 4; ++i) scope.exclude_tables.push_back(in.text());
  const value::TableName name{in.text(), in.text()};
  require(!scope.covers(name) || scope.passes(name), "a table is in scope, and the globs do not let it pass");
  scope.display();
  engine::mysql_family::scope_filter(scope);
}

}  // namespace

void one(std::string_view input) {
  const auto end = std::min(input.find('\n'), input.size());
  const std::string first(input.substr(0, end));
  Bytes in(input.substr(std::min(end + 1, input.size())));
  engine::mysql_family::domain_positions(first);
  accepted([&] {
    const auto p = position(first);
    require(p.file.empty() || !engine::mysql_family::binlog_reached(p.file, p.offset, p) || engine::mysql_family::binlog_reached(p.file, ~std::uint64_t{0}, p),
            "a later place in a log is not behind an earlier one");
  });
  accepted([&] { position(in.text()); });
  filters(in);
}

void seeds(const Add& add) {
  const std::string scope = std::string("\x7e") + as_piece("shop") + as_piece("crm") + as_piece("s*") + as_piece("shop.*") + as_piece("*.t?") + as_piece("shop.log") +
                            as_piece("shop") + as_piece("orders");
  for (const char* text : {"0-1-100", "0-1-100,5-2-7", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:11-18, 3e11fa47-71ca-11e1-9e33-c80aa9429563:tag:7", "binlog.000003:4711",
                           "16/B374D848", "C:\\log.000001:4"})
    add(std::string(text) + "\n" + as_piece("binlog.000003:5") + scope);
}

}  // namespace flytt::fuzz
