// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/character_set.hpp>

#include <iconv.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <flytt/base/text.hpp>

namespace flytt::engine::mysql_family {
namespace {

/// What a session may have as character_set_client, and what iconv calls it.
/// Source: the servers' manuals, "Supported Character Sets and Collations"; latin1 is cp1252 there.
constexpr std::array<std::pair<std::string_view, const char*>, 29> kCharsets{{
    {"latin1", "CP1252"},      {"latin2", "ISO-8859-2"}, {"latin5", "ISO-8859-9"}, {"latin7", "ISO-8859-13"}, {"greek", "ISO-8859-7"},
    {"hebrew", "ISO-8859-8"},  {"cp1250", "CP1250"},     {"cp1251", "CP1251"},     {"cp1256", "CP1256"},      {"cp1257", "CP1257"},
    {"cp850", "CP850"},        {"cp852", "CP852"},       {"cp866", "CP866"},       {"koi8r", "KOI8-R"},       {"koi8u", "KOI8-U"},
    {"macce", "MACCENTRALEUROPE"}, {"macroman", "MACINTOSH"}, {"tis620", "TIS-620"}, {"armscii8", "ARMSCII-8"}, {"geostd8", "GEORGIAN-PS"},
    {"sjis", "SHIFT_JIS"},     {"cp932", "CP932"},       {"ujis", "EUC-JP"},       {"eucjpms", "EUC-JP-MS"},  {"euckr", "EUC-KR"},
    {"gb2312", "GB2312"},      {"gbk", "GBK"},           {"gb18030", "GB18030"},   {"big5", "BIG5"},
}};
/// No character of theirs takes more in UTF-8 than this for each of its bytes.
constexpr std::size_t kMostPerByte = 4;

/// iconv's name; nullptr when it is not known.
const char* known(const std::string& charset) {
  const auto found = std::find_if(kCharsets.begin(), kCharsets.end(), [&](const auto& one) { return one.first == charset; });
  return found == kCharsets.end() ? nullptr : found->second;
}

std::optional<std::string> converted(std::string_view text, const char* to_set, const char* from_set) {
  const iconv_t opened = iconv_open(to_set, from_set);
  if (opened == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  const std::unique_ptr<void, int (*)(void*)> closing(opened, [](void* d) { return iconv_close(static_cast<iconv_t>(d)); });
  std::string in(text);
  std::string out(text.size() * kMostPerByte, '\0');
  char* from = in.data();
  char* to = out.data();
  std::size_t left = in.size();
  std::size_t room = out.size();
  if (iconv(opened, &from, &left, &to, &room) == static_cast<std::size_t>(-1) || left != 0) return std::nullopt;
  out.resize(out.size() - room);
  return out;
}

}  // namespace

bool plain_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::optional<std::string> utf8_of(std::string_view text, std::string_view charset) {
  const std::string name = base::lower(charset);
  if (plain_ascii(text) || name.empty() || name.starts_with("utf8")) return std::string(text);
  const char* from = known(name);
  return from == nullptr ? std::nullopt : converted(text, "UTF-8", from);
}

std::optional<std::string> in_charset(std::string_view utf8, std::string_view charset) {
  const std::string name = base::lower(charset);
  if (plain_ascii(utf8) || name.empty() || name.starts_with("utf8")) return std::string(utf8);
  const char* to = known(name);
  return to == nullptr ? std::nullopt : converted(utf8, to, "UTF-8");
}

}  // namespace flytt::engine::mysql_family
