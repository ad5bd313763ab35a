// Objects to names of steps and back.
// SPDX-License-Identifier: MIT
#include <flytt/task/phase.hpp>

#include <vector>

#include <flytt/base/text.hpp>
#include <flytt/codec/xxh3.hpp>

namespace flytt::task {
namespace {

constexpr std::size_t kLongest = 255;

bool has_parent(value::ObjectKind kind) {
  return kind == value::ObjectKind::index || kind == value::ObjectKind::foreign_key;
}

std::string escape(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '.' || c == '%' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += "%" + base::hex(std::string_view(&c, 1));
    else
      out += c;
  }
  return out;
}

std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto byte = base::from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    out += *byte;
    i += 2;
  }
  return out;
}

/// The kind whose name, then a blank, begins the text: the longest, since "sequence value" begins with "sequence".
std::optional<value::ObjectKind> kind_at_start(std::string_view text) {
  std::optional<value::ObjectKind> found;
  for (unsigned k = 1; k <= static_cast<unsigned>(value::ObjectKind::property); ++k) {
    const auto kind = static_cast<value::ObjectKind>(k);
    const auto name = value::object_kind_name(kind);
    if (!text.starts_with(name) || text.substr(name.size(), 1) != " ") continue;
    if (!found || name.size() > value::object_kind_name(*found).size()) found = kind;
  }
  return found;
}

}  // namespace

std::string phase_of(const value::SchemaObject& object) {
  std::string out(value::object_kind_name(object.kind));
  out += ' ' + escape(object.schema) + '.';
  if (has_parent(object.kind)) out += escape(object.parent) + '.';
  out += escape(object.name);
  if (out.size() <= kLongest) return out;
  const auto hash = codec::hash128(out).hex();
  std::size_t keep = kLongest - hash.size() - 2;
  while (keep > 0 && (static_cast<unsigned char>(out[keep]) & 0xC0) == 0x80) --keep;  // not inside a character
  return out.substr(0, keep) + "%%" + hash;
}

std::optional<value::SchemaObject> object_of(std::string_view phase) {
  const auto parts = base::split(phase, '.');
  const auto kind = kind_at_start(parts.front());
  if (!kind || parts.size() != (has_parent(*kind) ? 3U : 2U)) return std::nullopt;
  const auto schema = unescape(parts.front().substr(value::object_kind_name(*kind).size() + 1));
  const auto parent = has_parent(*kind) ? unescape(parts[1]) : std::string();
  const auto name = unescape(parts.back());
  if (!schema || !parent || !name) return std::nullopt;
  value::SchemaObject object;
  object.kind = *kind;
  object.schema = *schema;
  object.parent = *parent;
  object.name = *name;
  return object;
}

}  // namespace flytt::task
