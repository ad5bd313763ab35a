// Words to bytes.
// SPDX-License-Identifier: MIT
#include "forge_bytes.hpp"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace forge {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

/// Offset behind the quoted piece at `at`.
std::size_t behind_quoted(std::string_view line, std::size_t at) {
  for (std::size_t i = at + 1; i < line.size(); ++i) {
    if (line[i] == '\\') ++i;
    else if (line[i] == '"') return i + 1;
  }
  throw std::runtime_error("a quote does not end: " + std::string(line.substr(at, 60)));
}

/// Little-endian, of so many bytes.
std::string number(std::uint64_t value, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

std::string hex(std::string_view digits) {
  if (digits.size() % 2 != 0) throw std::runtime_error("hexadecimal digits come in pairs: " + std::string(digits));
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 2) out.push_back(static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  return out;
}

std::string typed(const std::string& type, std::string_view rest) {
  const std::string text(rest);
  if (type == "s") {
    const std::string content = plain(rest);
    return number(content.size(), 4) + content;
  }
  if (type == "f64") {
    const double value = std::stod(text);
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return number(bits, 8);
  }
  const bool is_signed = type[0] == 'i';
  const std::size_t bits = type.size() > 1 ? std::stoul(type.substr(1)) : 0;
  if ((!is_signed && type[0] != 'u') || (bits != 8 && bits != 16 && bits != 32 && bits != 64))
    throw std::runtime_error("there is no type " + type);
  return number(is_signed ? static_cast<std::uint64_t>(std::stoll(text)) : std::stoull(text), bits / 8);
}

}  // namespace

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out;
  std::string word;
  int depth = 0;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t start = i;
    i = line[i] == '"' ? behind_quoted(line, i) : i + 1;
    if (line[start] == '{' || line[start] == '[') ++depth;
    if (line[start] == '}' || line[start] == ']') --depth;
    if (!blank(line[start]) || depth > 0) word.append(line.substr(start, i - start));
    else if (!word.empty()) out.push_back(std::exchange(word, {}));
  }
  if (!word.empty()) out.push_back(word);
  return out;
}

std::string plain(std::string_view word) {
  if (word.empty() || word.front() != '"') return std::string(word);
  return nlohmann::json::parse(word).get<std::string>();
}

std::string bytes_of(std::string_view word) {
  if (word.front() == '"') return plain(word);
  if (word.front() == '@') return file_content(std::string(word.substr(1)));
  if (word.front() == 'x') return hex(word.substr(1));
  if (const auto star = word.find('*'); star != std::string_view::npos && word.find_first_not_of("0123456789") == star) {
    const std::string once = bytes_of(word.substr(star + 1));
    std::string out;
    const auto times = std::stoull(std::string(word.substr(0, star)));
    out.reserve(once.size() * times);
    for (std::uint64_t i = 0; i < times; ++i) out += once;
    return out;
  }
  const auto colon = word.find(':');
  if (colon == std::string_view::npos) throw std::runtime_error("these are no bytes: " + std::string(word));
  return typed(std::string(word.substr(0, colon)), word.substr(colon + 1));
}

std::string file_content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace forge
