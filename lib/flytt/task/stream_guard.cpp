// SPDX-License-Identifier: MIT
#include <flytt/task/stream_guard.hpp>

#include <algorithm>
#include <utility>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/engine.hpp>
#include <flytt/task/findings.hpp>

namespace flytt::task {

using base::Error;

Error StreamGuard::here(const Error& error) const { return error.within("in the stream of copy " + manifest_->uuid); }

void StreamGuard::hello(const value::Manifest& manifest) try {
  manifest_ = &manifest;
  rules_ = engine::stream_rules(manifest.source.engine);
  rules_->check(manifest);
} catch (const Error& error) {
  throw here(error);
}

void StreamGuard::object(const value::SchemaObject& object) try {
  rules_->check(*manifest_, object);
  std::string name = base::concat(static_cast<unsigned>(object.kind));
  const bool attached = object.kind == value::ObjectKind::index || object.kind == value::ObjectKind::foreign_key;
  for (const auto& part : {object.schema, attached ? object.parent : std::string(), object.name}) name += '\0' + rules_->folded(*manifest_, part);
  if (!seen_.insert(std::move(name)).second)
    throw Error(base::Exit::data, object.display() + " comes twice", {.hint = "dump-stream writes no such stream. Do not load it, and find out who could change it."});
} catch (const Error& error) {
  throw here(error);
}

void StreamGuard::complete(const std::vector<value::SchemaObject>& objects, engine::Code code, const base::Context& context) const try {
  rules_->check(*manifest_, objects, code, context);
} catch (const Error& error) {
  throw error.code() == base::Exit::data ? here(error) : error;
}

std::vector<value::SchemaObject> in_creation_order(std::vector<value::SchemaObject> objects) {
  std::vector<value::SchemaObject> out;
  out.reserve(objects.size());
  const auto add = [&](const auto& kinds) {
    for (const auto kind : kinds)
      for (auto& object : objects)
        if (object.kind == kind) out.push_back(std::move(object));
  };
  add(value::kBeforeRows);
  add(value::kAfterRows);
  return out;
}

std::string counts_text(const std::map<std::string, std::size_t>& counts) {
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts) parts.push_back(count_text(count, kind));
  return base::join(parts, ", ");
}

}  // namespace flytt::task
