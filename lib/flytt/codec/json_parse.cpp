// JsonValue::parse: the text is measured, nlohmann/json reads it and reports its parts, JsonBuilder keeps them.
// SPDX-License-Identifier: MIT
#include <flytt/codec/json.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/codec/json_tree.hpp>

#include <algorithm>
#include <bit>
#include <limits>

#include <nlohmann/json.hpp>

namespace flytt::codec {

using base::concat;
using base::Error;
using base::Exit;

namespace {

/// What a text will take, at most. For a text that is JSON it is exact, but for escapes in strings.
struct Measured {
  std::size_t values = 1;
  std::size_t wide = 0;   ///< numbers that need a second node
  std::size_t bytes = 0;  ///< of all strings
  std::size_t longest = 0;
  std::size_t levels = 0;
};

/// The place behind the string that begins at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

std::size_t skip_number(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of("0123456789+-.eE", at), text.size());
}

/// Does an array or object that has just begun hold nothing?
bool closes_at(std::string_view text, std::size_t at) {
  at = text.find_first_not_of(" \t\r\n", at);
  return at != std::string_view::npos && (text[at] == ']' || text[at] == '}');
}

Measured measure(std::string_view text) {
  Measured m;
  std::size_t level = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      const auto end = skip_string(text, at);
      m.bytes += end - at;
      m.longest = std::max(m.longest, end - at);
      at = end;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      const auto end = skip_number(text, at);
      constexpr std::size_t kSmall = 9;  // digits that fit 32 bits for sure
      if (end - at > kSmall || text.substr(at, end - at).find_first_of(".eE") != std::string_view::npos) ++m.wide;
      at = end;
    } else {
      const bool opens = c == '[' || c == '{';
      if (c == ',' || c == ':' || (opens && !closes_at(text, at + 1))) ++m.values;
      if (opens) m.levels = std::max(m.levels, ++level);
      if ((c == ']' || c == '}') && level > 0) --level;
      ++at;
    }
  }
  return m;
}

void check(const Measured& m, std::string_view text, const JsonLimits& limits) {
  constexpr auto kMost = JsonNode::kMostSize;
  if (text.size() > std::min(limits.bytes, kMost + 1)) throw Error(Exit::data, concat("JSON: ", text.size(), " bytes, more than ", limits.bytes));
  if (m.values > std::min(limits.values, kMost)) throw Error(Exit::data, concat("JSON: more than ", limits.values, " values"));
  if (m.longest > limits.text) throw Error(Exit::data, concat("JSON: a string of ", m.longest, " bytes, more than ", limits.text));
  if (m.levels > limits.levels) throw Error(Exit::data, concat("JSON: more than ", limits.levels, " levels"));
}

}  // namespace

/// Receives the parts in the order of the text. Its function names are nlohmann's SAX interface.
struct JsonBuilder {
  using Json = nlohmann::json;

  explicit JsonBuilder(const Measured& m) {
    tree->nodes.reserve(m.values + m.wide);
    tree->bytes.reserve(m.bytes);
  }

  bool null() { return add(JsonNode{.kind = JsonKind::null}); }
  bool boolean(bool truth) { return add(JsonNode{.kind = JsonKind::boolean, .at = truth}); }
  bool number_integer(Json::number_integer_t number) {
    if (number >= 0) return number_unsigned(static_cast<std::uint64_t>(number));
    constexpr auto kSmallest = -std::int64_t{std::numeric_limits<std::uint32_t>::max()};
    if (number < kSmallest) return add_wide(JsonKind::signed_wide, static_cast<std::uint64_t>(number));
    return add(JsonNode{.kind = JsonKind::small_negative, .at = static_cast<std::uint32_t>(-number)});
  }
  bool number_unsigned(Json::number_unsigned_t number) {
    if (number > std::numeric_limits<std::uint32_t>::max()) return add_wide(JsonKind::unsigned_wide, number);
    return add(JsonNode{.kind = JsonKind::small, .at = static_cast<std::uint32_t>(number)});
  }
  bool number_float(Json::number_float_t number, const std::string&) {
    return add_wide(JsonKind::real, std::bit_cast<std::uint64_t>(double{number}));
  }
  bool string(std::string& text) { return add(keep(text)); }
  bool binary(Json::binary_t&) { return false; }

  bool start_object(std::size_t) { return open(JsonKind::object); }
  bool start_array(std::size_t) { return open(JsonKind::array); }
  bool key(std::string& name) {
    tree->nodes.push_back(keep(name));
    return true;
  }
  bool end_object() {
    refuse_twins();
    return close();
  }
  bool end_array() { return close(); }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    throw Error(Exit::data, concat("text is not JSON: it breaks at byte ", position));
  }

  std::shared_ptr<JsonTree> tree = std::make_shared<JsonTree>();

private:
  JsonNode keep(const std::string& text) {
    const JsonNode node{.kind = JsonKind::string, .size = static_cast<std::uint32_t>(text.size()), .at = static_cast<std::uint32_t>(tree->bytes.size())};
    tree->bytes += text;
    return node;
  }

  void count() {
    if (!open_.empty()) ++tree->nodes[open_.back()].size;
  }
  bool add(JsonNode node) {
    count();
    tree->nodes.push_back(node);
    return true;
  }
  bool add_wide(JsonKind kind, std::uint64_t bits) {
    add(JsonNode{.kind = kind});
    tree->nodes.push_back(std::bit_cast<JsonNode>(bits));
    return true;
  }
  bool open(JsonKind kind) {
    add(JsonNode{.kind = kind});
    open_.push_back(static_cast<std::uint32_t>(tree->nodes.size() - 1));
    return true;
  }
  bool close() {
    tree->nodes[open_.back()].at = static_cast<std::uint32_t>(tree->nodes.size());
    open_.pop_back();
    return true;
  }

  /// Of two members of one name one would be believed and the other be forgotten.
  void refuse_twins() const {
    const auto object = open_.back();
    std::vector<std::uint32_t> names;
    names.reserve(tree->node(object).size);
    for (auto at = object + 1; at < tree->nodes.size(); at = tree->after(at + 1)) names.push_back(at);
    const auto text = [this](std::uint32_t name) { return tree->string(tree->node(name)); };
    std::sort(names.begin(), names.end(), [&](auto a, auto b) { return text(a) < text(b); });
    const auto twin = std::adjacent_find(names.begin(), names.end(), [&](auto a, auto b) { return text(a) == text(b); });
    if (twin != names.end()) throw Error(Exit::data, concat("JSON: the member ", base::quote_for_message(text(*twin)), " comes twice"));
  }

  std::vector<std::uint32_t> open_;
};

JsonValue JsonValue::parse(std::string_view text, const JsonLimits& limits) {
  const auto measured = measure(text);
  check(measured, text, limits);
  JsonBuilder builder(measured);
  if (!nlohmann::json::sax_parse(text, &builder)) throw Error(Exit::data, "text is not JSON");
  return {std::move(builder.tree), 0};
}

}  // namespace flytt::codec
