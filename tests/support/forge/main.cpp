// Forges streams: whatever a recipe says, under hashes that are right. So a test can be a hostile sender, and reads well.
// SPDX-License-Identifier: MIT
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "forge_bytes.hpp"
#include "forge_stream.hpp"

using namespace forge;

namespace {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

constexpr const char* kHelp =
    "Usage: forge <RECIPE >STREAM\n"
    "\n"
    "A line is a verb and its words; a line that begins with a blank goes on with the one before; '#' begins a comment. JSON is\n"
    "merged into what would be there (RFC 7396: null takes a member away). Words with blanks stand in quotes, with JSON's escapes.\n"
    "\n"
    "  base FILE                   HELLO is that of FILE, and 'copy' has its payloads\n"
    "  product mariadb|mysql|postgres\n"
    "  database NAME               one more database in HELLO and its scope\n"
    "  table SCHEMA TABLE COLUMN:TYPE... [encoding=E] [key=INDEX,...]   or   table JSON: one more table\n"
    "  hello [JSON]                the HELLO frame, with this merged into it\n"
    "  schema KIND SCHEMA NAME STATEMENT   or   schema JSON: a SCHEMA object\n"
    "  schema_file KIND SCHEMA NAME FILE [JSON]   the same, the statement being the bytes of FILE\n"
    "  rows TABLE COUNT BYTES...   a chunk: DATA and its CHUNK_END; TABLE is its index in HELLO\n"
    "  table_end TABLE [ROWS CHUNKS]\n"
    "  heartbeat\n"
    "  err JSON                    the sender gave up\n"
    "  end [JSON]                  totals that are right, but for what is said here\n"
    "  copy schema|rows            all SCHEMA payloads of the base; all its chunks and ends of tables\n"
    "  frame KIND [FIELD=N...] [stored] [whole] BYTES...   any payload: a header's fields are version, flags, chunk, object, seq,\n"
    "                              raw_len, enc_len, payload_hash, seal; 'stored' leaves the bytes uncompressed, 'whole' unsplit\n"
    "  bytes BYTES...              no frame at all\n"
    "\n"
    "BYTES: x00ff, u8:1 i32:-1 u64:7 f64:0.5 (little-endian), \"text\", s:\"text\" (its length before it), @FILE, N*WORD\n";

Json text(std::string_view json) { return Json::parse(json); }

class Recipe {
 public:
  Recipe() {
    hello_ = text(R"({"format":"flytt-stream/1","uuid":"5f0e6a52-1d0b-4b1e-9c55-3f6a7e1c0001","created":"2026-11-30T00:00:00Z",
      "tool_version":"0.1.0","scope":{"all_databases":false,"databases":[],"include_tables":[],"exclude_tables":[],"where":[],
      "schema_only":false,"data_only":false,"users":false},"position":{"gtid":"0-1-1","file":"bin.000001","offset":4,"lsn":""},
      "databases":[],"tables":[],"needs":[],"warnings":[]})");
    product("mariadb");
  }

  void line(const std::string& text_of_line) {
    const Words all = words(text_of_line);
    const auto verb = verbs_.find(all.front());
    if (verb == verbs_.end()) throw std::runtime_error("there is no verb " + all.front());
    verb->second(Words(all.begin() + 1, all.end()));
  }

  std::string take() { return stream_.take(); }

 private:
  void product(const std::string& name) {
    static const std::map<std::string, Json> kSources{
        {"mariadb", text(R"({"engine":"mysql","product":"MariaDB","version":"10.11.19","version_number":101119})")},
        {"mysql", text(R"({"engine":"mysql","product":"MySQL","version":"9.7.0","version_number":90700})")},
        {"postgres", text(R"({"engine":"postgres","product":"PostgreSQL","version":"15.14","version_number":150014})")}};
    hello_["source"] = kSources.at(name);
    hello_["source"].merge_patch(text(R"({"uuid":"","hostname":"forge","server_id":1,"settings":{}})"));
  }

  void database(const std::string& name) {
    hello_["databases"].push_back({{"name", name}, {"charset", "utf8mb4"}, {"collation", "utf8mb4_general_ci"}});
    hello_["scope"]["databases"].push_back(name);
  }

  void table(const Words& in) {
    if (in.at(0).front() == '{') return hello_["tables"].push_back(text(in[0]));
    Json out = text(R"({"seekable":true,"rows_estimate":1,"bytes_estimate":1,"identity":"","transactional":true,"encoding":"flytt-row/1"})");
    out["schema"] = plain(in[0]);
    out["table"] = plain(in.at(1));
    out["columns"] = Json::array();
    for (std::size_t i = 2; i < in.size(); ++i) {
      const auto equals = in[i].find('=');
      const auto colon = in[i].rfind(':');
      if (in[i].rfind("encoding=", 0) == 0) out["encoding"] = in[i].substr(equals + 1);
      else if (in[i].rfind("key=", 0) == 0) out["key"] = {{"name", "PRIMARY"}, {"columns", text("[" + in[i].substr(equals + 1) + "]")}};
      else out["columns"].push_back({{"name", plain(in[i].substr(0, colon))}, {"type", in[i].substr(colon + 1)}, {"nullable", true}, {"native", ""}});
    }
    hello_["tables"].push_back(out);
  }

  void hello(const Words& in) {
    if (!in.empty()) hello_.merge_patch(text(in[0]));
    stream_.payload(kHello, hello_.dump(), {});
  }

  void schema(const Json& members) {
    Json object = text(R"({"kind":4,"schema":"","name":"","parent":"","statement":"","sql_mode":"","charset":"","collation":"",
      "time_zone":"","definer":"","attributes":""})");
    object.merge_patch(members);
    stream_.payload(kSchema, object.dump(), {{"object", objects_++}});
  }

  void schema(const Words& in) {
    if (in.at(0).front() == '{') return schema(text(in[0]));
    std::string statement;
    for (std::size_t i = 3; i < in.size(); ++i) statement += (i == 3 ? "" : " ") + in[i];
    schema(Json{{"kind", std::stoi(in[0])}, {"schema", plain(in.at(1))}, {"name", plain(in.at(2))}, {"statement", statement}});
  }

  void schema_file(const Words& in) {
    std::string hex;
    for (const unsigned char c : file_content(in.at(3))) {
      hex.push_back("0123456789abcdef"[c >> 4]);
      hex.push_back("0123456789abcdef"[c & 15]);
    }
    Json object{{"kind", std::stoi(in[0])}, {"schema", plain(in[1])}, {"name", plain(in[2])}, {"statement_hex", hex}, {"statement", nullptr}};
    if (in.size() > 4) object.merge_patch(text(in[4]));
    schema(object);
  }

  static std::string all_bytes(Words::const_iterator begin, Words::const_iterator end) {
    std::string out;
    for (; begin != end; ++begin) out += bytes_of(*begin);
    return out;
  }

  void rows(const Words& in) {
    const std::uint64_t table = std::stoull(in.at(0)), count = std::stoull(in.at(1));
    const std::string content = all_bytes(in.begin() + 2, in.end());
    const std::size_t frames = std::max<std::size_t>(1, (content.size() + (1 << 20) - 1) >> 20);
    const Lies header{{"chunk", ++chunks_}, {"object", table}};
    stream_.payload(kData, content, header);
    std::string end = bytes_of("u64:" + std::to_string(count)) + bytes_of("u64:" + std::to_string(content.size())) + digest_bytes(content);
    end += bytes_of("u32:" + std::to_string(frames)) + std::string(4 * (frames - 1), '\0') + bytes_of("u32:" + std::to_string(count));
    stream_.payload(kChunkEnd, end + std::string(2, '\0'), header);
    note_rows(table, count, content.size());
  }

  void note_rows(std::uint64_t table, std::uint64_t count, std::uint64_t bytes) {
    bytes_ += bytes;
    rows_[table] += count;
    ++table_chunks_[table];
  }

  void table_end(const Words& in) {
    const std::uint64_t table = std::stoull(in.at(0));
    const bool lies = in.size() == 3;
    stream_.payload(kTableEnd, bytes_of("u64:" + (lies ? in[1] : std::to_string(rows_[table]))) +
                                   bytes_of("u64:" + (lies ? in[2] : std::to_string(table_chunks_[table]))),
                    {{"flags", 2}, {"object", table}});
  }

  void end(const Words& in) {
    Json out{{"uuid", hello_["uuid"]}, {"chunks", chunks_}, {"rows", 0}, {"bytes", bytes_}, {"schema_objects", objects_}};
    out["table_rows"] = Json::array();
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < hello_["tables"].size(); ++i) {
      out["table_rows"].push_back(rows_[i]);
      sum += rows_[i];
    }
    out["rows"] = sum;
    out["digest"] = stream_.digest();
    if (!in.empty()) out.merge_patch(text(in[0]));
    stream_.payload(kEnd, out.dump(), {});
  }

  void copy(const Words& in) {
    const bool schema = in.at(0) == "schema";
    for (const Payload& p : base_) {
      const bool rows = p.kind == kData || p.kind == kChunkEnd || p.kind == kTableEnd;
      if (schema ? p.kind != kSchema : !rows) continue;
      const std::uint64_t object = schema ? objects_++ : p.object;
      if (p.kind == kChunkEnd) {
        note_rows(object, le64(p.content, 0), le64(p.content, 8));
        ++chunks_;
      }
      stream_.payload(p.kind, p.content, {{"flags", p.flags}, {"chunk", p.chunk}, {"object", object}});
    }
  }

  static std::uint64_t le64(const std::string& bytes, std::size_t at) {
    std::uint64_t out = 0;
    for (std::size_t i = 8; i-- > 0;) out = out << 8 | static_cast<unsigned char>(bytes.at(at + i));
    return out;
  }

  void frame(const Words& in) {
    Lies header;
    auto form = Stream::Form::compressed;
    auto split = Stream::Split::yes;
    auto at = in.begin() + 1;
    for (; at != in.end(); ++at) {
      const auto equals = at->front() == '"' ? std::string::npos : at->find('=');
      if (*at == "stored") form = Stream::Form::stored;
      else if (*at == "whole") split = Stream::Split::no;
      else if (equals != std::string::npos) header[at->substr(0, equals)] = std::stoull(at->substr(equals + 1), nullptr, 0);
      else break;
    }
    stream_.payload(kind_of(in.at(0)), all_bytes(at, in.end()), header, form, split);
  }

  void base(const Words& in) {
    base_ = read_stream(file_content(in.at(0)));
    hello_ = text(base_.at(0).content);
  }

  Json hello_;
  Stream stream_;
  std::vector<Payload> base_;
  std::uint64_t objects_ = 0, chunks_ = 0, bytes_ = 0;
  std::map<std::uint64_t, std::uint64_t> rows_, table_chunks_;
  const std::map<std::string, std::function<void(const Words&)>> verbs_{
      {"base", [this](const Words& in) { base(in); }},
      {"product", [this](const Words& in) { product(in.at(0)); }},
      {"database", [this](const Words& in) { database(plain(in.at(0))); }},
      {"table", [this](const Words& in) { table(in); }},
      {"hello", [this](const Words& in) { hello(in); }},
      {"schema", [this](const Words& in) { schema(in); }},
      {"schema_file", [this](const Words& in) { schema_file(in); }},
      {"rows", [this](const Words& in) { rows(in); }},
      {"table_end", [this](const Words& in) { table_end(in); }},
      {"heartbeat", [this](const Words&) { stream_.payload(kHeartbeat, {}, {}); }},
      {"err", [this](const Words& in) { stream_.payload(kErr, in.at(0), {}); }},
      {"end", [this](const Words& in) { end(in); }},
      {"copy", [this](const Words& in) { copy(in); }},
      {"frame", [this](const Words& in) { frame(in); }},
      {"bytes", [this](const Words& in) { stream_.raw(all_bytes(in.begin(), in.end())); }}};
};

/// Lines that go on are one; comments and empty lines are none.
std::vector<std::string> lines_of(std::istream& in) {
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string::npos || line[first] == '#') continue;
    if (first == 0 || out.empty()) out.push_back(line);
    else out.back() += "\n" + line;
  }
  return out;
}

}  // namespace

int main(int argc, char**) {
  if (argc != 1) return std::fputs(kHelp, stdout), 0;
  std::string at;
  try {
    Recipe recipe;
    for (const auto& line : lines_of(std::cin)) recipe.line(at = line);
    const std::string stream = recipe.take();
    return std::fwrite(stream.data(), 1, stream.size(), stdout) == stream.size() && std::fflush(stdout) == 0 ? 0 : 74;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "forge: %s\n  in: %s\n", error.what(), at.substr(0, 200).c_str());
    return 64;
  }
}
