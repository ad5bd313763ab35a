// Which folder speaks to which URL scheme, and judges whose streams: one row each, listed by hand.
// Layer: engine (3).  Thread rule: a constant table.
// SPDX-License-Identifier: MIT
#include <array>

#include <flytt/base/text.hpp>
#include <flytt/engine/empty/empty_server.hpp>
#include <flytt/engine/engine.hpp>
#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/mysql_family/stream_rules.hpp>
#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/postgres/stream_rules.hpp>

namespace flytt::engine {
namespace {

using Factory = std::unique_ptr<Server> (*)(const Endpoint&, const base::Context&);

std::unique_ptr<Server> open_family(const Endpoint& e, const base::Context& ctx) {
  return std::make_unique<mysql_family::FamilyServer>(e, ctx);
}
std::unique_ptr<Server> open_empty(const Endpoint& e, const base::Context&) { return std::make_unique<empty::EmptyServer>(e); }

std::unique_ptr<Server> open_postgres(const Endpoint& e, const base::Context& ctx) {
  return std::make_unique<postgres::PgServer>(e, ctx);
}

struct Entry {
  std::string_view scheme;
  Factory factory;
};

constexpr std::array<Entry, 5> kEngines{{{"mysql", open_family},
                                         {"mariadb", open_family},
                                         {"postgres", open_postgres},
                                         {"postgresql", open_postgres},
                                         {"empty", open_empty}}};

}  // namespace

std::unique_ptr<Server> open(const Endpoint& endpoint, const base::Context& ctx) {
  for (const auto& entry : kEngines) {
    if (entry.scheme != endpoint.scheme) continue;
    return entry.factory(endpoint, ctx);
  }
  const auto known = schemes();
  const auto near = base::nearest(endpoint.scheme, known);
  throw base::Error(base::Exit::usage, "unknown kind of server " + base::quote_for_message(endpoint.scheme + "://"),
                    {.hint = near ? "Did you mean " + *near + "://?" : "Known are: " + base::join(known, ", ") + "."});
}

std::unique_ptr<StreamRules> stream_rules(std::string_view engine) {
  if (engine == "mysql") return mysql_family::make_stream_rules();
  if (engine == "postgres") return postgres::make_stream_rules();
  return std::make_unique<StreamRules>();
}

std::vector<std::string_view> schemes() {
  std::vector<std::string_view> out;
  for (const auto& entry : kEngines)
    if (entry.scheme != "empty") out.push_back(entry.scheme);
  return out;
}

}  // namespace flytt::engine
