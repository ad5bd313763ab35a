// Rows by name.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_lookup.hpp>

#include <unordered_set>

namespace flytt::task::compare {
namespace {

class Readers {
 public:
  explicit Readers(Run& run) : source_(run, Side::source), target_(run, Side::target) {}
  SideReader& operator[](Side side) noexcept { return side == Side::source ? source_ : target_; }

 private:
  SideReader source_;
  SideReader target_;
};

class KeyLookup final : public RowLookup {
 public:
  explicit KeyLookup(Run& run) : readers_(run) {}

  States states(Side side, const TablePair& pair, const std::vector<std::string>& names) override {
    States found;
    each(side, pair, names, [&](std::string&& name, const SeenRow& row) { found[std::move(name)].add(row.hash); });
    return found;
  }

  Images images(Side side, const TablePair& pair, const std::vector<std::string>& names) override {
    Images found;
    each(side, pair, names, [&](std::string&& name, const SeenRow& row) { found.try_emplace(std::move(name), row.image); });
    return found;
  }

  std::size_t batch() const noexcept override { return 20'000; }

 private:
  static constexpr std::size_t kKeys = 200;           // of one statement
  static constexpr std::size_t kKeyBytes = 64 << 10;  // and their size together

  template <class Each>
  void each(Side side, const TablePair& pair, const std::vector<std::string>& names, Each on_row) {
    for (std::size_t at = 0; at < names.size();) {
      std::vector<std::string> keys;
      for (std::size_t bytes = 0; at < names.size() && keys.size() < kKeys && bytes < kKeyBytes; ++at) {
        bytes += names[at].size();
        keys.push_back(names[at]);
      }
      readers_[side].open(pair, std::move(keys));
      readers_[side].read_all([&](const SeenRow& row) {
        std::string name;
        append_name(name, pair, side, row);
        on_row(std::move(name), row);
      });
    }
  }

  Readers readers_;
};

class ScanLookup final : public RowLookup {
 public:
  explicit ScanLookup(Run& run) : readers_(run) {}

  States states(Side side, const TablePair& pair, const std::vector<std::string>& names) override {
    States found;
    each(side, pair, names, [&](const std::string& name, const SeenRow& row) { found[name].add(row.hash); });
    return found;
  }

  Images images(Side side, const TablePair& pair, const std::vector<std::string>& names) override {
    Images found;
    each(side, pair, names, [&](const std::string& name, const SeenRow& row) { found.try_emplace(name, row.image); });
    return found;
  }

  std::size_t batch() const noexcept override { return 200'000; }

 private:
  template <class Each>
  void each(Side side, const TablePair& pair, const std::vector<std::string>& names, Each on_row) {
    if (names.empty()) return;
    const std::unordered_set<std::string> wanted(names.begin(), names.end());
    std::string name;
    readers_[side].open(pair, engine::KeyRange{});
    readers_[side].read_all([&](const SeenRow& row) {
      name.clear();
      append_name(name, pair, side, row);
      if (wanted.count(name) != 0) on_row(name, row);
    });
  }

  Readers readers_;
};

}  // namespace

std::unique_ptr<RowLookup> lookup_by_key(Run& run) { return std::make_unique<KeyLookup>(run); }
std::unique_ptr<RowLookup> lookup_by_scan(Run& run) { return std::make_unique<ScanLookup>(run); }

}  // namespace flytt::task::compare
