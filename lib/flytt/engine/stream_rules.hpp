// What a stream may hold, judged by the engine it comes from and without a server: names that belong to its scope, statements that
// are what their objects claim, rows in an encoding that is known. So --list tells what a load would do, and a load refuses the rest.
// Layer: engine (3).  Thread rule: one thread per object.  Format: man/flytt-stream.5.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::engine {

/// Are routines, views and their kin loaded?
enum class Code : bool { left_out, loaded };

class StreamRules {
 public:
  virtual ~StreamRules() = default;

  /// Are these the rules of an engine? Without them statements are not looked at, and nothing can be loaded.
  virtual bool of_engine() const { return false; }
  /// HELLO names each database and table once, none of them a server's own, all of them in its scope.
  /// Throws Error{Exit::data} naming what is not so.
  virtual void check(const value::Manifest& manifest) const;
  /// The object belongs to what HELLO names, and its statement makes it and nothing else, as far as can be told.
  /// Throws Error{Exit::data} naming the object.
  virtual void check(const value::Manifest& manifest, const value::SchemaObject& object) const;
  /// All objects together, for a load: each table has its definition, and archives hold what they should.
  /// Throws as above; Exit::config when a program of the product is needed and not there.
  virtual void check(const value::Manifest&, const std::vector<value::SchemaObject>&, Code, const base::Context&) const {}

  /// A name as this source tells names apart: equal results are one name.
  virtual std::string folded(const value::Manifest&, std::string_view name) const { return std::string(name); }
  /// Whole rows in a block of `table`; nothing when the encoding is not known. Throws Error{Exit::data} for bytes that are no rows.
  virtual std::optional<std::uint64_t> rows_in(const value::Table& table, std::string_view block) const;
  /// Is the whole object left out when code is? An archive is not: parts of it are.
  virtual bool is_code(const value::SchemaObject& object) const;
  /// What a load that leaves out code leaves out: how many of each kind.
  virtual std::map<std::string, std::size_t> left_out(const std::vector<value::SchemaObject>& objects, const base::Context& context) const;
  /// The statements that loading the object runs, readable, in their order; what stands for a password is not shown.
  virtual std::vector<std::string> statements(const value::SchemaObject& object, Code code, const base::Context& context) const;
  /// What a copy that is given up leaves on its source, and the command that removes it; empty: nothing.
  virtual std::string left_on_source(const value::ServerIdentity&) const { return {}; }

 protected:
  /// Does a database (schema) of this name belong to the server, or to flytt itself?
  virtual bool of_server(std::string_view) const { return false; }
  /// Is this table one of those that HELLO may name?
  virtual bool in_scope(const value::Manifest& manifest, const value::Table& table) const { return manifest.scope.covers(table.name); }
  /// Throws Error{Exit::data}, always.
  [[noreturn]] static void refuse(std::string message);
};

/// The rules of the engine with this name (`ServerIdentity::engine`); of an unknown one, only those that hold for all.
std::unique_ptr<StreamRules> stream_rules(std::string_view engine);

}  // namespace flytt::engine
