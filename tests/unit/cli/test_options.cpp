// The command line: words, values, precedence, and every refusal.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/base/error.hpp>
#include <flytt/cli/options.hpp>
#include <flytt/os/dir.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

using namespace flytt;
using namespace std::chrono_literals;

namespace {

enum class Mode { first, second };

struct Fixture {
  cli::Options options{{"dump-stream", "For tests.", {"[options] URL"}, {"dump-stream URL"}, {10}}};
  bool flag = false;
  int verbose = 0;
  unsigned jobs = 2;
  std::optional<std::uint64_t> most;
  std::uint64_t size = 8 << 20;
  std::chrono::milliseconds wait{500};
  Mode mode = Mode::first;
  std::string text;
  std::vector<std::string> tables;
  std::map<std::string, std::string> where;
  std::string config;
  bool yes = false;
  engine::Endpoint source;
  std::map<std::string, std::string> environment;
  cli::Settings settings = cli::Settings::none();

  Fixture() {
    options.flag("--dry-run", flag, "a flag");
    options.counter("-v,--verbose", verbose, "counted");
    options.count("-j,--jobs", jobs, "N", "a count");
    options.count("--most", most, "N", "a count that may be missing");
    options.size("--chunk-size", size, "SIZE", "a size");
    options.duration("--wait", wait, "DUR", "a duration");
    options.choice<Mode>("--mode", mode, {{"first", Mode::first}, {"second", Mode::second}}, "a choice");
    options.text("-o,--output", text, "FILE", "a text");
    options.list("-t,--table", tables, "GLOB", "a list");
    options.pairs("--where", where, "TABLE=COND", "pairs");
    options.text("--config", config, "FILE", "a file").command_line_only();
    options.flag("--yes", yes, "dangerous").command_line_only();
    options.server("URL", "source", source, "the server");
    settings.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto it = environment.find(name);
      return it == environment.end() ? std::nullopt : std::optional(it->second);
    };
  }
  void parse(std::vector<std::string> args) {
    args.emplace_back("mysql://h/d");
    options.parse(args, settings);
  }
  cli::Sourced shown(const std::string& name) {
    for (const auto& [key, value] : options.shown_values()) {
      if (key == name) return value;
    }
    FAIL("no value " << name);
    return {};
  }
};

base::Error refusal(std::vector<std::string> args, Fixture& f) {
  try {
    f.options.parse(args, f.settings);
  } catch (const base::Error& e) {
    return e;
  }
  FAIL("was taken: " << base::join(args, " "));
  throw;
}

base::Error refusal(std::vector<std::string> args) {
  Fixture f;
  args.emplace_back("mysql://h/d");
  return refusal(std::move(args), f);
}

/// A configuration file with this text, named by --config.
struct File {
  os::TempDir dir;
  std::string path = dir.path() + "/config";
  explicit File(const std::string& text) { os::replace_file(path, text); }
};

}  // namespace

TEST_CASE("options of every kind reach their variables", "[cli]") {
  Fixture f;
  f.parse({"--dry-run", "-vv", "-j", "010", "--most=7", "--chunk-size", "16M", "--wait=2s", "--mode", "second", "-oout",
           "-t", "a.*", "--table", "b.*", "--where", "s.t=a=b"});
  CHECK(f.flag);
  CHECK(f.verbose == 2);
  CHECK(f.jobs == 10);
  CHECK(f.most == 7u);
  CHECK(f.size == 16u << 20);
  CHECK(f.wait == 2s);
  CHECK(f.mode == Mode::second);
  CHECK(f.text == "out");
  CHECK(f.tables == std::vector<std::string>{"a.*", "b.*"});
  CHECK(f.where.at("s.t") == "a=b");
  CHECK(f.source.host == "h");
  CHECK(f.source.role == "source");
}

TEST_CASE("what is not given keeps its default", "[cli]") {
  Fixture f;
  f.parse({});
  CHECK(f.jobs == 2);
  CHECK_FALSE(f.most);
  CHECK(f.wait == 500ms);
  CHECK(f.shown("chunk-size").text == "8M");
  CHECK(f.shown("wait").text == "500ms");
  CHECK(f.shown("mode").text == "first");
  CHECK(f.shown("jobs").origin == cli::Origin::built_in);
  CHECK_FALSE(f.options.given("jobs"));
  CHECK(f.options.given("source"));
}

TEST_CASE("the last of several values counts", "[cli]") {
  Fixture f;
  f.parse({"-j", "3", "--jobs=4"});
  CHECK(f.jobs == 4);
}

TEST_CASE("a value is one word, whatever it looks like", "[cli]") {
  Fixture f;
  f.parse({"--where", "s.t=[1,2]", "-t", "[a,b]", "-o", "-", "-t", "--odd"});
  CHECK(f.where.at("s.t") == "[1,2]");
  CHECK(f.tables == std::vector<std::string>{"[a,b]", "--odd"});
  CHECK(f.text == "-");
}

TEST_CASE("after -- everything is an argument", "[cli]") {
  Fixture f;
  const auto e = refusal({"--", "mysql://h/d", "--dry-run"}, f);
  CHECK(e.message() == "one argument too many: '--dry-run'");
}

TEST_CASE("numbers are decimal, not negative, and in range", "[cli]") {
  CHECK(refusal({"--jobs", "-1"}).code() == base::Exit::usage);
  CHECK(refusal({"--jobs", "0x10"}).code() == base::Exit::usage);
  CHECK(refusal({"--jobs", "99999999999"}).text() == "'99999999999' is above the limit of 4294967295: option --jobs");
  CHECK(refusal({"--wait", "5"}).code() == base::Exit::usage);
  CHECK(refusal({"--wait", "5us"}).text() == "'5us' is finer than this option can tell: option --wait");
}

TEST_CASE("an unknown option is refused with the nearest", "[cli]") {
  const auto e = refusal({"--chunksize", "1M"});
  CHECK(e.code() == base::Exit::usage);
  CHECK(e.message() == "unknown option '--chunksize'");
  CHECK(e.facts().hint == "Did you mean --chunk-size?");
  CHECK(refusal({"--chunksize=1M"}).message() == "unknown option '--chunksize'");
  CHECK(refusal({"-x"}).message() == "unknown option '-x'");
  CHECK(refusal({"--chunk"}).message() == "unknown option '--chunk'");  // no abbreviations
  CHECK(refusal({"--JOBS", "2"}).message() == "unknown option '--JOBS'");
}

TEST_CASE("a missing value is no other word's business", "[cli]") {
  Fixture f;
  CHECK(refusal({"mysql://h/d", "--jobs"}, f).message() == "option --jobs needs a value");
  CHECK(refusal({"--output=", "x"}).message() == "option '--output=' has no value");
  CHECK(refusal({"--dry-run=no"}).code() == base::Exit::usage);
  CHECK(refusal({"--where", "no-equals"}).code() == base::Exit::usage);
  CHECK(refusal({"--where", "t=a", "--where", "t=b"}).message() == "'t' is given twice");
  CHECK(refusal({"--mode", "secnd"}).facts().hint == "Did you mean second?");
}

TEST_CASE("an argument that is needed, and one too many", "[cli]") {
  Fixture f;
  CHECK(refusal({}, f).message() == "URL is missing");
  CHECK(refusal({"mysql://other/"}).message() == "one argument too many: 'mysql://h/d'");
}

TEST_CASE("environment beats file, the command line beats both", "[cli]") {
  const File file("jobs = 3\n[dump-stream]\nchunk-size = 1M\nmode = second\n");
  Fixture f;
  f.environment = {{"FLYTT_JOBS", "5"}, {"FLYTT_DUMP_STREAM_CHUNK_SIZE", "2M"}, {"FLYTT_CHUNK_SIZE", "4M"}};
  f.parse({"--config", file.path, "--wait", "1s"});
  CHECK(f.jobs == 5);
  CHECK(f.size == 2u << 20);
  CHECK(f.mode == Mode::second);
  CHECK(f.shown("jobs").origin_text == "environment FLYTT_JOBS");
  CHECK(f.shown("chunk-size").origin_text == "environment FLYTT_DUMP_STREAM_CHUNK_SIZE");
  CHECK(f.shown("mode").origin_text == file.path + ":4");
  CHECK(f.shown("wait").origin_text == "command line");

  Fixture g;
  g.environment = f.environment;
  g.parse({"--config", file.path, "--jobs", "7"});
  CHECK(g.jobs == 7);
}

TEST_CASE("a wrong value of environment or file is a configuration error that names it", "[cli]") {
  Fixture f;
  f.environment = {{"FLYTT_JOBS", "many"}};
  const auto e = refusal({"mysql://h/d"}, f);
  CHECK(e.code() == base::Exit::config);
  CHECK(e.context() == std::vector<std::string>{"environment FLYTT_JOBS"});
  const File file("\n# comment\njobs = many\n");
  Fixture g;
  const auto wrong = refusal({"mysql://h/d", "--config", file.path}, g);
  CHECK(wrong.code() == base::Exit::config);
  CHECK(wrong.context() == std::vector<std::string>{file.path + ":3"});
}

TEST_CASE("an unknown key, section or line of a file is an error", "[cli]") {
  const auto config_error = [](const std::string& text) {
    const File file(text);
    Fixture f;
    return refusal({"mysql://h/d", "--config", file.path}, f);
  };
  CHECK(config_error("[dump-stream]\nchunksize = 1M\n").facts().hint == "Did you mean chunk-size?");
  CHECK(config_error("[dump-stream]\nchunksize = 1M\n").code() == base::Exit::config);
  CHECK(config_error("chunk-size = 1M\n").facts().hint == "Put it below a line [dump-stream].");
  CHECK(config_error("[dump-steam]\n").facts().hint == "Did you mean [dump-stream]?");
  CHECK(config_error("just words\n").code() == base::Exit::config);
  CHECK(config_error("[dump-stream]\nyes = true\n").code() == base::Exit::config);  // never by a file
}

TEST_CASE("other tools' sections and common keys are passed over", "[cli]") {
  const File file("target = mysql://t/\n[lag-wait]\nmax-lag = 1s\n[dump-stream]\ntable = a.*\ntable = b.*\n");
  Fixture f;
  f.parse({"--config", file.path});
  CHECK(f.tables == std::vector<std::string>{"a.*", "b.*"});
}

TEST_CASE("a file that was named and is missing is an error; a dangerous switch is not taken from the environment", "[cli]") {
  Fixture f;
  CHECK(refusal({"mysql://h/d", "--config", "/nonexistent/flytt"}, f).code() == base::Exit::config);
  Fixture g;
  g.environment = {{"FLYTT_YES", "1"}};
  g.parse({});
  CHECK_FALSE(g.yes);
}

TEST_CASE("a password in a URL: refused on the command line, taken from the environment, never shown", "[cli]") {
  Fixture f;
  const auto e = refusal({"mysql://app:s3cret@db/shop"}, f);
  CHECK(e.code() == base::Exit::usage);
  CHECK(e.text().find("s3cret") == std::string::npos);
  CHECK(e.facts().hint.find("FLYTT_SOURCE_PASSWORD") != std::string::npos);
  Fixture g;
  g.environment = {{"FLYTT_SOURCE", "mysql://app:s3cret@db/shop"}};
  g.options.parse({}, g.settings);
  CHECK(g.source.password == "s3cret");
  CHECK(g.shown("source").text == "mysql://app@db/shop");
  CHECK(g.shown("source").origin_text == "environment FLYTT_SOURCE");
}

TEST_CASE("a file with a password must be its owner's alone", "[cli]") {
  const File file("source = mysql://app:s3cret@db/shop\n");
  REQUIRE(::system(("chmod 644 " + file.path).c_str()) == 0);
  Fixture f;
  const auto e = refusal({"--config", file.path}, f);
  CHECK(e.code() == base::Exit::config);
  CHECK(e.facts().hint == "chmod 600 " + file.path);
  REQUIRE(::system(("chmod 600 " + file.path).c_str()) == 0);
  Fixture g;
  g.options.parse({"--config", file.path}, g.settings);
  CHECK(g.source.password == "s3cret");
}

TEST_CASE("a file that others can change is refused: it may name programs to run", "[cli]") {
  const File file("jobs = 3\n");
  const auto refused = [&](const std::string& path) {
    Fixture f;
    const auto e = refusal({"mysql://h/d", "--config", path}, f);
    CHECK(e.code() == base::Exit::config);
    return e;
  };
  REQUIRE(::chmod(file.path.c_str(), 0664) == 0);
  CHECK_THAT(refused(file.path).text(), test::contains("can be written by others"));
  CHECK(refused(file.path).facts().hint == "chmod go-w " + file.path);
  REQUIRE(::chmod(file.path.c_str(), 0644) == 0);
  REQUIRE(::chmod(file.dir.path().c_str(), 0777) == 0);
  CHECK_THAT(refused(file.path).text(), test::contains("directory"));
  REQUIRE(::chmod(file.dir.path().c_str(), 0700) == 0);
  REQUIRE(::mkfifo((file.dir.path() + "/pipe").c_str(), 0600) == 0);
  for (const auto& path : {file.dir.path() + "/pipe", std::string("/dev/zero")}) CHECK_THAT(refused(path).text(), test::contains("no regular file"));
  Fixture f;
  f.settings.environment = [&](const std::string& name) { return name == "FLYTT_CONFIG" ? std::optional(file.path) : std::nullopt; };
  f.parse({});
  CHECK(f.jobs == 3);
  if (::geteuid() != 0) return;
  REQUIRE(::chown(file.path.c_str(), 65534, 65534) == 0);
  CHECK_THAT(refused(file.path).text(), test::contains("belongs to user 65534"));
  // The files that are read when none is named are looked at in the same way.
  Fixture g;
  g.settings.default_files = {file.path};
  CHECK(refusal({"mysql://h/d"}, g).code() == base::Exit::config);
}

TEST_CASE("verbs choose what options and arguments there are", "[cli]") {
  cli::Options options({"replica-ctl", "For tests.", {"VERB [options] SOURCE TARGET"}, {}, {}});
  enum class Act { none, start, promote };
  Act verb = Act::none;
  std::string source;
  std::string target;
  bool reverse = false;
  options.verb<Act>({{{"start", "starts"}, Act::start}, {{"promote", "promotes"}, Act::promote}}, verb);
  options.argument("SOURCE", "source", source, "old").only_for({"start"});
  options.argument("TARGET", "target", target, "new");
  options.flag("--reverse", reverse, "back").only_for({"start"});
  const auto settings = cli::Settings::none();
  const auto message = [&](const std::vector<std::string>& args) {
    try {
      options.parse(args, settings);
    } catch (const base::Error& e) {
      return e.message() + "|" + e.facts().hint;
    }
    return std::string();
  };
  CHECK(message({}) == "a verb is missing|It is one of start, promote.");
  CHECK(message({"promot", "x"}) == "unknown verb 'promot'|Did you mean promote?");
  CHECK(message({"promote", "--reverse", "x"}) == "option --reverse does not go with promote|It goes with start.");
  CHECK(message({"promote", "new"}).empty());
  CHECK(verb == Act::promote);
  CHECK(target == "new");
  CHECK(source.empty());
}

TEST_CASE("an option can decide whether there is an argument", "[cli]") {
  const auto parse = [](const std::vector<std::string>& args, std::string& table) {
    cli::Options options({"load-stream", "For tests.", {"[options] URL"}, {}, {}});
    bool print = false;
    engine::Endpoint target;
    options.flag("--print", print, "as text");
    options.server("URL", "target", target, "the server").only_when([&] { return !print; });
    options.argument("TABLE", "", table, "of --print").only_when([&] { return print; }).optional();
    cli::Settings settings = cli::Settings::none();
    settings.environment = [](const std::string& name) -> std::optional<std::string> {
      return name == "FLYTT_TARGET" ? std::optional<std::string>("mysql://t/") : std::nullopt;
    };
    options.parse(args, settings);
    return target.host;
  };
  std::string table;
  CHECK(parse({}, table) == "t");
  CHECK(parse({"mysql://u/"}, table) == "u");
  CHECK(parse({"--print"}, table).empty());
  CHECK(table.empty());
  CHECK(parse({"shop.orders", "--print"}, table).empty());
  CHECK(table == "shop.orders");
}

TEST_CASE("the help names every option once, and fits 80 columns", "[cli]") {
  const Fixture f;
  const std::string help = f.options.help();
  for (const auto& option : f.options.all()) {
    const auto at = help.find("--" + option.name);
    CHECK(at != std::string::npos);
  }
  CHECK(help.find("  -j, --jobs N            a count [2]\n") != std::string::npos);
  for (const auto line : base::split(help, '\n')) {
    INFO(line);
    CHECK(line.size() <= 80);
  }
}
