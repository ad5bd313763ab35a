// The empty engine: every verb, in its smallest honest form.
// SPDX-License-Identifier: MIT
#include <flytt/engine/empty/empty_server.hpp>

#include <flytt/base/error.hpp>

namespace flytt::engine::empty {
namespace {

[[noreturn]] void refuse(const char* verb) {
  throw base::Error(base::Exit::unavailable, std::string("the empty engine cannot ") + verb);
}

class EmptyDialect final : public Dialect {
 public:
  std::string name(std::string_view identifier) const override { return "\"" + std::string(identifier) + "\""; }
  std::string text(std::string_view value) const override { return "'" + std::string(value) + "'"; }
};

class EmptyCatalog final : public Catalog {
 public:
  Contents contents(const value::Scope&) override { return {}; }
  std::vector<Finding> missing_privileges(const value::Scope&) override { return {}; }
  std::uint64_t count_rows(const value::Table&, const std::string&) override { return 0; }
};

class EmptyReader final : public BulkReader {
 public:
  void open(const ReadJob&) override {}
  ReadProgress read(PayloadSink&, std::uint64_t) override { return {.done = true, .rows = 0, .bytes = 0, .last_key = {}}; }
  void shorten(const std::string&) override {}
  std::optional<std::string> split(const value::Table&, const KeyRange&) override { return std::nullopt; }
  std::uint64_t count_rows(const value::Table&, const std::string&) override { return 0; }
};

class EmptySnapshot final : public Snapshot {
 public:
  explicit EmptySnapshot(unsigned jobs) : jobs_(jobs) {}
  const value::Position& position() const noexcept override { return position_; }
  const Contents& contents() const noexcept override { return contents_; }
  BulkReader& reader(unsigned) override { return reader_; }
  unsigned jobs() const noexcept override { return jobs_; }
  std::vector<Waiter> waiters() override { return {}; }
  void prove() override {}
  void close() override {}

 private:
  unsigned jobs_;
  value::Position position_;
  Contents contents_;
  EmptyReader reader_;
};

class EmptyTuning final : public Tuning {
 public:
  std::vector<Setting> import_settings() override { return {}; }
  std::vector<Setting> load_settings() override { return {}; }
  void apply(const std::vector<Setting>&) override {}
  std::vector<Setting> restore() override { return {}; }
  std::string restart_fragment() override { return {}; }
};

class EmptyStorage final : public Storage {
 public:
  std::vector<StoragePlace> places() override { return {}; }
  ServerActivity activity() override { return {}; }
  void ping() override {}
  void select_one() override {}
  int descriptor() override { return -1; }
};

}  // namespace

EmptyServer::EmptyServer(Endpoint endpoint) : endpoint_(std::move(endpoint)) {
  identity_.engine = "empty";
  identity_.product = "Empty";
  identity_.version = "0";
}

const Dialect& EmptyServer::dialect() const noexcept {
  static const EmptyDialect dialect;
  return dialect;
}

std::unique_ptr<Catalog> EmptyServer::catalog() { return std::make_unique<EmptyCatalog>(); }
std::unique_ptr<Snapshot> EmptyServer::snapshot(const SnapshotRequest& request) {
  return std::make_unique<EmptySnapshot>(request.jobs);
}
std::unique_ptr<BulkReader> EmptyServer::reader() { return std::make_unique<EmptyReader>(); }
std::unique_ptr<Target> EmptyServer::target() { refuse("be loaded"); }
std::unique_ptr<Replication> EmptyServer::replication() { refuse("follow or be followed"); }
std::unique_ptr<Tuning> EmptyServer::tuning() { return std::make_unique<EmptyTuning>(); }
std::unique_ptr<Storage> EmptyServer::storage() { return std::make_unique<EmptyStorage>(); }

}  // namespace flytt::engine::empty
