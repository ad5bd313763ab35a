// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/soon.hpp"

#include <flytt/flow/bounded_queue.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

using flytt::base::Error;
using flytt::base::Exit;
using flytt::test::soon;
using namespace flytt::flow;
using namespace std::chrono_literals;

namespace {

std::exception_ptr failure(const char* what) { return std::make_exception_ptr(Error(Exit::io, what)); }

}  // namespace

TEST_CASE("items come out in order, and after close nothing") {
  BoundedQueue<int> queue(3);
  CHECK(queue.push(1));
  CHECK(queue.push(2));
  CHECK(queue.size() == 2);
  CHECK(queue.pop() == 1);
  queue.close();
  CHECK_FALSE(queue.push(3));
  CHECK(queue.pop() == 2);
  CHECK_FALSE(queue.pop());
  CHECK_FALSE(queue.pop());
  queue.close();
}

TEST_CASE("a full queue holds the pusher until there is room") {
  BoundedQueue<int> queue(1);
  REQUIRE(queue.push(1));
  std::atomic<bool> pushed{false};
  std::jthread pusher([&] { pushed = queue.push(2); });
  std::this_thread::sleep_for(30ms);
  CHECK_FALSE(pushed);
  CHECK(queue.size() == 1);
  CHECK(queue.pop() == 1);
  CHECK(soon([&] { return pushed.load(); }));
  CHECK(queue.pop() == 2);
}

TEST_CASE("weight bounds the queue too, and an item of any weight goes in alone") {
  BoundedQueue<std::string> queue(100, 10, [](const std::string& s) { return s.size(); });
  REQUIRE(queue.push(std::string(25, 'x')));
  CHECK(queue.weight() == 25);
  std::atomic<int> pushed{0};
  std::jthread pusher([&] {
    for (const std::size_t size : {6, 4, 1}) pushed += queue.push(std::string(size, 'y')) ? 1 : 0;
  });
  std::this_thread::sleep_for(30ms);
  CHECK(pushed == 0);
  CHECK(queue.pop()->size() == 25);
  CHECK(soon([&] { return pushed == 2; }));
  std::this_thread::sleep_for(30ms);
  CHECK(pushed == 2);
  CHECK(queue.weight() == 10);
  CHECK(queue.pop()->size() == 6);
  CHECK(soon([&] { return pushed == 3; }));
  CHECK(queue.weight() == 5);
}

TEST_CASE("a light item passes when a heavy one waits in another thread") {
  BoundedQueue<int> queue(100, 10, [](const int& i) { return static_cast<std::uint64_t>(i); });
  REQUIRE(queue.push(5));
  REQUIRE(queue.push(5));
  std::atomic<bool> light{false};
  std::stop_source stop;
  std::jthread heavy_pusher([&] { static_cast<void>(queue.push(9, stop.get_token())); });
  std::jthread light_pusher([&] { light = queue.push(2); });
  std::this_thread::sleep_for(20ms);
  CHECK(queue.pop() == 5);
  CHECK(soon([&] { return light.load(); }));
  stop.request_stop();
}

TEST_CASE("stop wakes both sides") {
  BoundedQueue<int> full(1);
  REQUIRE(full.push(1));
  BoundedQueue<int> empty(1);
  std::stop_source stop;
  std::atomic<int> ended{0};
  std::jthread pusher([&] { ended += full.push(2, stop.get_token()) ? 0 : 1; });
  std::jthread popper([&] { ended += empty.pop(stop.get_token()) ? 0 : 1; });
  std::this_thread::sleep_for(20ms);
  CHECK(ended == 0);
  stop.request_stop();
  CHECK(soon([&] { return ended == 2; }));
  CHECK(full.size() == 1);
  CHECK_FALSE(full.pop(stop.get_token()));
}

TEST_CASE("close wakes a waiting pusher") {
  BoundedQueue<int> queue(1);
  REQUIRE(queue.push(1));
  std::atomic<bool> refused{false};
  std::jthread pusher([&] { refused = !queue.push(2); });
  std::this_thread::sleep_for(20ms);
  queue.close();
  CHECK(soon([&] { return refused.load(); }));
  CHECK(queue.pop() == 1);
  CHECK_FALSE(queue.pop());
}

TEST_CASE("a failure reaches both sides at once, and the first one stays") {
  BoundedQueue<int> full(1);
  REQUIRE(full.push(1));
  BoundedQueue<int> empty(1);
  std::atomic<int> threw{0};
  const auto expect_failure = [&](auto action) {
    try {
      action();
    } catch (const Error& error) {
      if (error.message() == "loader died") ++threw;
    }
  };
  std::jthread pusher([&] { expect_failure([&] { static_cast<void>(full.push(2)); }); });
  std::jthread popper([&] { expect_failure([&] { empty.pop(); }); });
  std::this_thread::sleep_for(20ms);
  for (auto* queue : {&full, &empty}) {
    queue->fail(failure("loader died"));
    queue->fail(failure("another"));
    queue->close();
  }
  CHECK(soon([&] { return threw == 2; }));
  REQUIRE_ERROR(full.pop(), Exit::io, "loader died");  // the item in it is not handed out
  REQUIRE_ERROR(static_cast<void>(full.push(3)), Exit::io, "loader died");
}

TEST_CASE("items that can only be moved pass, and each exactly once among many threads") {
  constexpr int kEach = 2000;
  constexpr int kThreads = 4;
  BoundedQueue<std::unique_ptr<int>> queue(7, 50, [](const auto& p) { return static_cast<std::uint64_t>(*p % 10); });
  std::atomic<long> sum{0};
  std::atomic<int> count{0};
  std::atomic<bool> within{true};
  {
    std::vector<std::jthread> poppers;
    for (int t = 0; t < kThreads; ++t) {
      poppers.emplace_back([&] {
        while (auto item = queue.pop()) {
          sum += **item;
          ++count;
          if (queue.size() > 7 || queue.weight() > 50) within = false;
        }
      });
    }
    std::vector<std::jthread> pushers;
    for (int t = 0; t < kThreads; ++t) {
      pushers.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          if (!queue.push(std::make_unique<int>(t * kEach + i))) within = false;
        }
      });
    }
    pushers.clear();
    queue.close();
  }
  constexpr long kAll = kEach * kThreads;
  CHECK(count == kAll);
  CHECK(sum == kAll * (kAll - 1) / 2);
  CHECK(within);
  CHECK(queue.weight() == 0);
}
