#include <fmt/format.h>

#include <charconv>
#include <numeric>
#include <string_view>

#include "base/verify.h"
#include "story.h"
#include "swarm/command.h"

namespace crosspoint::sim {

std::vector<Story>& stories() {
    static std::vector<Story> all;
    return all;
}

namespace {

struct Arguments {
    std::vector<uint64_t> seeds{1, 2, 3, 4, 5};
    std::string_view story;  // part of its title
    bool trace = false;
    bool list = false;
    bool swarm = false;  // random worlds instead of stories
    uint64_t from = 0;   // 0: not said
    bool deeds = false;
    bool shrink = false;
    std::set<size_t> without;
};

/// Tells it, and says what number its trace came to.
uint64_t tell(const Story& story, uint64_t seed, bool print_trace) {
    SCOPED_TRACE(fmt::format("replay with: sim --seed {} --story \"{}\"", seed, story.title));
    World world(seed, {story.options.node, print_trace});
    story.tell(world);
    world.finish();
    return world.trace_hash();
}

class Telling final : public testing::Test {
public:
    Telling(const Story& story, const Arguments& arguments) : story_(story), arguments_(arguments) {}
    void TestBody() override {
        std::set<uint64_t> traces;
        uint64_t first = 0;
        for (const uint64_t seed : arguments_.seeds) {
            const uint64_t trace = tell(story_, seed, arguments_.trace);
            if (traces.empty()) first = trace;
            traces.insert(trace);
            if (HasFailure()) return;  // one replay is enough to look at
        }
        if (!story_.options.repeatable || arguments_.trace) return;
        EXPECT_EQ(traces.size(), arguments_.seeds.size()) << "different seeds must differ";
        EXPECT_EQ(tell(story_, arguments_.seeds.front(), false), first) << "one seed must give one trace";
    }

private:
    const Story& story_;
    const Arguments& arguments_;
};

std::optional<uint64_t> read_number(std::string_view text) {
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// With commas between them.
bool read_numbers(std::string_view list, std::set<size_t>& out) {
    while (!list.empty()) {
        const size_t comma = std::min(list.find(','), list.size());
        const auto number = read_number(list.substr(0, comma));
        if (!number) return false;
        out.insert(static_cast<size_t>(*number));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return true;
}

bool usage() {
    fmt::print(stderr,
               "usage: sim [--seed N | --seeds COUNT] [--story PART_OF_TITLE] [--trace] [--list]\n"
               "       sim --swarm [--seed N | --seeds COUNT [--from N]] [--trace] [--deeds] [--shrink] "
               "[--without DEED,...]\n");
    return false;
}

bool read(int argc, char** argv, Arguments& out) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--trace") {
            out.trace = true;
        } else if (name == "--list") {
            out.list = true;
        } else if (name == "--swarm") {
            out.swarm = true;
        } else if (name == "--deeds") {
            out.deeds = true;
        } else if (name == "--shrink") {
            out.shrink = true;
        } else if (i + 1 == argc) {
            return usage();
        } else if (name == "--story") {
            out.story = argv[++i];
        } else if (name == "--from") {
            const auto number = read_number(argv[++i]);
            if (!number || *number == 0) return usage();
            out.from = *number;
        } else if (name == "--without") {
            if (!read_numbers(argv[++i], out.without)) return usage();
        } else if (name == "--seed" || name == "--seeds") {
            const auto number = read_number(argv[++i]);
            if (!number || *number == 0) return usage();
            out.seeds.resize(name == "--seeds" ? *number : 1);
            std::iota(out.seeds.begin(), out.seeds.end(), name == "--seeds" ? 1 : *number);
        } else {
            return usage();
        }
    }
    return true;
}

int run(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    Arguments arguments;
    if (!read(argc, argv, arguments)) return 2;
    abort_on_should();
    if (arguments.swarm) {
        swarm::Command command{.count = arguments.seeds.size(), .shrink = arguments.shrink};
        command.first = arguments.from > 0 ? arguments.from : arguments.seeds.front();
        command.options = {
            .print_trace = arguments.trace, .print_deeds = arguments.deeds, .without = arguments.without};
        swarm::register_test(command);
        return RUN_ALL_TESTS();
    }
    for (const Story& story : stories()) {
        if (std::string_view(story.title).find(arguments.story) == std::string_view::npos) continue;
        if (arguments.list) fmt::print("{}\n", story.title);
        testing::RegisterTest("Story", story.title, nullptr, nullptr, story.file, story.line,
                              [&story, &arguments]() -> testing::Test* { return new Telling(story, arguments); });
    }
    return arguments.list ? 0 : RUN_ALL_TESTS();
}

}  // namespace
}  // namespace crosspoint::sim

int main(int argc, char** argv) { return crosspoint::sim::run(argc, argv); }
