#include "load/jsapi_load.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"
#include "crypto/system_random.h"
#include "io/event_loop.h"
#include "io/file_limit.h"
#include "load/fleet.h"
#include "load/http_client.h"
#include "load/people.h"
#include "load/report.h"

namespace crosspoint::load {
namespace {

constexpr size_t kAdminConnections = 8;
constexpr size_t kOtherFiles = 64;   // beside the sockets
constexpr Duration kOpening = 120s;  // for all connections
constexpr Duration kGrace = 10s;     // for what is still under way when a phase is over
constexpr Duration kGoodbye = 5s;    // for connections to be closed
constexpr auto kTokenMargin = 1h;    // beyond what the phases take
constexpr std::string_view kMemoryMetric = "process_resident_memory_bytes ";

/// The value of a metric without labels.
std::optional<double> find_metric(std::string_view metrics, std::string_view name) {
    for (size_t at = metrics.find(name); at != std::string_view::npos; at = metrics.find(name, at + 1)) {
        if (at > 0 && metrics[at - 1] != '\n') continue;
        const std::string_view rest = metrics.substr(at + name.size());
        double value = 0;
        const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
        if (failed == std::errc()) return value;
    }
    return std::nullopt;
}

/// The phases of one run, one after the other, on a loop of their own.
class Run {
public:
    Run(const app::LoadJsapi& command, std::ostream& progress)
        : command_(command),
          progress_(progress),
          names_(make_names()),
          people_(names_, command.account.value, 2 * command.duration + command.idle + kTokenMargin),
          fleet_(loop_, command.server, command.account.value,
                 {[this](Person who, const News& news) { hear(who, news); }, [this] { step(); }}) {}

    /// False when something failed that everything else stands on.
    bool run() {
        loop_.post([this] { read_memory(report_.memory_before, [this] { make_people(); }); });
        loop_.run();
        return problem_.empty();
    }
    const std::string& problem() const { return problem_; }
    const Report& report() const { return report_; }

private:
    enum class Phase : uint8_t { People, Connect, Idle, Texts, Calls, Goodbye };

    std::vector<std::string> make_names();
    Duration length() const { return std::chrono::duration_cast<Duration>(command_.duration); }
    void say(const std::string& what) { progress_ << "crosspoint load: " << what << std::endl; }
    void give_up(const std::string& why);
    void read_memory(std::optional<double>& into, std::function<void()> then);

    void make_people();
    void ask_admin(HttpClient& client);
    void connect();
    void be_idle();
    void begin_texts();
    void begin_calls();
    void goodbye();
    bool is_possible();

    void hear(Person who, const News& news);
    void carry_out(std::vector<Ask>& asks);
    /// Goes on to the next phase when this one is over, and sees to being woken.
    void step();
    void advance();
    void handle_timeout();
    /// When the phase ends although it is not done.
    bool is_late() const { return io::read_clock().mono >= give_up_at_; }

    const app::LoadJsapi& command_;
    std::ostream& progress_;
    crypto::SystemRandom random_;
    io::EventLoop loop_;
    const std::vector<std::string> names_;
    People people_;
    Fleet fleet_;
    std::unique_ptr<HttpClient> metrics_;
    std::vector<std::unique_ptr<HttpClient>> admins_;
    std::optional<Texts> texts_;
    std::optional<Calls> calls_;
    Phase phase_ = Phase::People;
    Timestamp give_up_at_ = kNever;
    Timestamp wake_at_ = kNever;
    Report report_;
    std::string problem_;
};

/// New ones each time: what earlier runs have left in people's logs would come when they connect.
std::vector<std::string> Run::make_names() {
    const std::string run = random_.uuid().substr(0, 8);
    std::vector<std::string> names;
    for (int i = 0; i < command_.connections; ++i) names.push_back(fmt::format("load-{}-{}", run, i));
    return names;
}

void Run::give_up(const std::string& why) {
    if (problem_.empty()) problem_ = why;
    loop_.stop();
}

void Run::read_memory(std::optional<double>& into, std::function<void()> then) {
    metrics_ = std::make_unique<HttpClient>(loop_, command_.server);  // the last one's connection may have ended
    metrics_->ask({"GET", "/metrics", {}, {}}, [this, &into, then = std::move(then)](const HttpAnswer& answer) {
        if (answer.status == 0) return give_up(fmt::format("cannot reach {}: {}", command_.server.text(), answer.body));
        into = find_metric(answer.body, kMemoryMetric);
        then();
    });
}

void Run::make_people() {
    say(fmt::format("making {} people with tokens", names_.size()));
    for (size_t i = 0; i < kAdminConnections; ++i) {
        admins_.push_back(std::make_unique<HttpClient>(loop_, command_.server));
        ask_admin(*admins_.back());
    }
}

void Run::ask_admin(HttpClient& client) {
    const auto next = people_.next();
    if (!next) {
        if (!people_.problem().empty()) return give_up(people_.problem());
        if (people_.done() && phase_ == Phase::People) loop_.post([this] { connect(); });
        return;
    }
    const std::string who = base64(as_bytes(command_.user + ":" + command_.password));
    client.ask({next->call.method, next->call.target, next->call.body, "Basic " + who},
               [this, &client, person = next->person](const HttpAnswer& answer) {
                   people_.answered(person, answer.status, answer.body);
                   ask_admin(client);
               });
}

void Run::connect() {
    if (phase_ != Phase::People) return;
    admins_.clear();
    phase_ = Phase::Connect;
    say(fmt::format("opening {} connections", names_.size()));
    give_up_at_ = io::read_clock().mono + kOpening;
    step();
    fleet_.open(people_.take_tokens());
}

bool Run::is_possible() {
    const auto limit = [&](const char* name) {
        const json::value* value = fleet_.limits().if_contains(name);
        boost::system::error_code failed;
        return value ? value->to_number<int64_t>(failed) : 0;
    };
    const auto people = static_cast<int64_t>(names_.size());
    if (60 * int64_t{command_.texts} > people * limit("textsPerMinute"))
        give_up("so few people may not send so many texts: connect more, or raise jsapi.texts_per_minute");
    else if (60 * int64_t{command_.calls} > people * limit("callsPerMinute"))
        give_up("so few people may not open so many calls: connect more, or raise jsapi.calls_per_minute");
    return problem_.empty();
}

void Run::be_idle() {
    if (!is_possible()) return;
    phase_ = Phase::Idle;
    say(fmt::format("{} connections are idle for {} s", fleet_.ready(), command_.idle.count()));
    give_up_at_ = io::read_clock().mono + command_.idle;
}

void Run::begin_texts() {
    phase_ = Phase::Texts;
    if (command_.texts == 0) return;
    say(fmt::format("{} texts a second for {} s", command_.texts, command_.duration.count()));
    const Timestamp now = io::read_clock().mono;
    texts_.emplace(names_, Pace(command_.texts, now, length()), random_);
    give_up_at_ = now + length() + kGrace;
}

void Run::begin_calls() {
    if (texts_) report_.texts = texts_->figures();
    phase_ = Phase::Calls;
    if (command_.calls == 0) return;
    say(fmt::format("{} calls a second for {} s", command_.calls, command_.duration.count()));
    const Timestamp now = io::read_clock().mono;
    calls_.emplace(names_, Pace(command_.calls, now, length()), random_);
    give_up_at_ = now + length() + Calls::kCallLimit + kGrace;
}

void Run::goodbye() {
    if (calls_) report_.calls = calls_->figures();
    for (const auto& [problem, count] : fleet_.problems()) report_.problems[problem] += count;
    if (const size_t count = fleet_.unanswered()) report_.problems["a request without a reply"] = count;
    phase_ = Phase::Goodbye;
    give_up_at_ = io::read_clock().mono + kGoodbye;
    fleet_.close();
}

void Run::hear(Person who, const News& news) {
    const Timestamp now = io::read_clock().mono;
    std::vector<Ask> asks;
    const bool is_reply = news.type == "reply";
    if (news.type == "text.add_message" && texts_) {
        texts_->hear(now, who, news.body);
    } else if (calls_ && (is_reply ? news.answers : news.type).starts_with("call.")) {
        calls_->hear(now, who, news, asks);
    } else if (is_reply) {
        if (const auto error = error_of(news)) ++report_.problems[news.answers + ": " + *error];
    }
    carry_out(asks);
    step();
}

void Run::carry_out(std::vector<Ask>& asks) {
    for (Ask& ask : asks) fleet_.ask(std::move(ask));
}

void Run::handle_timeout() {
    wake_at_ = kNever;
    const Timestamp now = io::read_clock().mono;
    fleet_.handle_timeout(now);
    std::vector<Ask> asks;
    if (phase_ == Phase::Texts && texts_) texts_->handle_timeout(now, asks);
    if (phase_ == Phase::Calls && calls_) calls_->handle_timeout(now, asks);
    carry_out(asks);
    step();
}

void Run::step() {
    for (Phase before{}; before != phase_;) {
        before = phase_;
        advance();
    }
    Timestamp next = std::min(fleet_.next_timeout(), give_up_at_);
    if (phase_ == Phase::Texts && texts_) next = std::min(next, texts_->next_timeout());
    if (phase_ == Phase::Calls && calls_) next = std::min(next, calls_->next_timeout());
    if (next == wake_at_) return;
    wake_at_ = next;
    loop_.wake_at(next, [this] { handle_timeout(); });
}

void Run::advance() {
    switch (phase_) {
        case Phase::People: return;
        case Phase::Connect:
            if (!fleet_.problems().empty()) {
                give_up(fleet_.problems().begin()->first);
            } else if (fleet_.ready() == names_.size()) {
                be_idle();
            } else if (is_late()) {
                give_up(fmt::format("only {} connections are ready", fleet_.ready()));
            }
            return;
        case Phase::Idle:
            if (!is_late()) return;
            give_up_at_ = kNever;
            report_.connections = fleet_.open_count();
            read_memory(report_.memory_after, [this] {
                begin_texts();
                step();
            });
            return;
        case Phase::Texts:
            if (!texts_ || texts_->done() || is_late()) begin_calls();
            return;
        case Phase::Calls:
            if ((!calls_ || calls_->done()) && fleet_.unanswered() == 0)
                goodbye();
            else if (is_late())
                goodbye();
            return;
        case Phase::Goodbye:
            if (fleet_.open_count() == 0 || is_late()) loop_.stop();
            return;
    }
}

}  // namespace

int run_jsapi(const app::LoadJsapi& command, std::ostream& out, std::ostream& progress) {
    const size_t files = static_cast<size_t>(command.connections) + kOtherFiles;
    if (const size_t allowed = io::raise_file_limit(files); allowed < files) {
        progress << fmt::format(
            "crosspoint load: {} connections need {} open files, and this process may have {}: raise its hard limit "
            "(ulimit -Hn, or LimitNOFILE= of a systemd unit)\n",
            command.connections, files, allowed);
        return 2;
    }
    Run run(command, progress);
    if (!run.run()) {
        progress << "crosspoint load: " << run.problem() << "\n";
        return 2;
    }
    out << (command.json ? boost::json::serialize(as_json(run.report())) + "\n" : as_table(run.report()));
    return failures(run.report()).empty() ? 0 : 1;
}

}  // namespace crosspoint::load
