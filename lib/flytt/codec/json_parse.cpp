// JsonValue::parse: nlohmann/json reads the text and reports its parts, JsonBuilder keeps them.
// SPDX-License-Identifier: MIT
#include <flytt/codec/json.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

#include <nlohmann/json.hpp>

#include <unordered_set>

namespace flytt::codec {

using base::concat;
using base::Error;
using base::Exit;

/// Receives the parts in the order of the text. Its function names are nlohmann's SAX interface.
struct JsonBuilder {
  using Json = nlohmann::json;

  bool null() { return add({}); }
  bool boolean(bool truth) { return add(make(truth)); }
  bool number_integer(Json::number_integer_t number) { return add(make(std::int64_t{number})); }
  bool number_unsigned(Json::number_unsigned_t number) { return add(make(std::uint64_t{number})); }
  bool number_float(Json::number_float_t number, const std::string&) { return add(make(double{number})); }
  bool string(std::string& text) { return add(make(std::make_shared<const std::string>(std::move(text)))); }
  bool binary(Json::binary_t&) { return false; }

  bool start_object(std::size_t) { return open(true); }
  bool start_array(std::size_t) { return open(false); }
  bool key(std::string& name) {
    Level& level = levels.back();
    if (!level.names.insert(name).second) throw Error(Exit::data, concat("JSON: ", path_here(name), " comes twice"));
    level.key = std::move(name);
    return true;
  }
  bool end_object() {
    return close([](Level& level) {
      return make(std::make_shared<const std::vector<JsonValue::Member>>(std::move(level.members)));
    });
  }
  bool end_array() {
    return close(
        [](Level& level) { return make(std::make_shared<const std::vector<JsonValue>>(std::move(level.elements))); });
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    throw Error(Exit::data, concat("text is not JSON: it breaks at byte ", position));
  }

  JsonValue root;

private:
  struct Level {
    bool object;
    std::shared_ptr<const std::string> path;
    std::string key;
    std::unordered_set<std::string> names;
    std::vector<JsonValue::Member> members;
    std::vector<JsonValue> elements;
  };

  template <class Data>
  static JsonValue make(Data&& data) {
    JsonValue value;
    value.data_ = std::forward<Data>(data);
    return value;
  }

  std::string path_here(const std::string& key) const {
    if (levels.empty()) return "$";
    const Level& level = levels.back();
    return level.object ? concat(*level.path, ".", key) : concat(*level.path, "[", level.elements.size(), "]");
  }

  bool add(JsonValue value) {
    if (levels.empty()) {
      root = std::move(value);
      return true;
    }
    Level& level = levels.back();
    if (!value.path_) value.path_ = level.path;
    if (level.object) {
      level.members.emplace_back(std::move(level.key), std::move(value));
    } else {
      level.elements.push_back(std::move(value));
    }
    return true;
  }

  bool open(bool object) {
    constexpr std::size_t kMostLevels = 200;
    if (levels.size() == kMostLevels) throw Error(Exit::data, concat("JSON: more than ", kMostLevels, " levels"));
    auto path = std::make_shared<const std::string>(path_here(levels.empty() ? std::string() : levels.back().key));
    levels.push_back({object, std::move(path), {}, {}, {}, {}});
    return true;
  }

  template <class Make>
  bool close(Make make_value) {
    JsonValue value = make_value(levels.back());
    value.path_ = levels.back().path;
    levels.pop_back();
    return add(std::move(value));
  }

  std::vector<Level> levels;
};

JsonValue JsonValue::parse(std::string_view text) {
  JsonBuilder builder;
  if (!nlohmann::json::sax_parse(text, &builder)) throw Error(Exit::data, "text is not JSON");
  return std::move(builder.root);
}

}  // namespace flytt::codec
