#include "browser.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace crosspoint::sim {

namespace json = boost::json;
using rtc::MediaKind;

namespace {

constexpr Duration kReconnect = 1s;
constexpr Duration kPing = 300s;
constexpr Duration kRetryPublishing = 5s;
constexpr Duration kAnswerTimeout = 10s;  // after which the server may offer again
constexpr Duration kFlowing = 200ms;      // heard within this: it flows
constexpr uint32_t kSourcesPerBrowser = 1000;

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

Browser::Browser(Surroundings& around, Sockets& sockets, std::string name, uint32_t number, std::string participant,
                 std::string token)
    : around_(around),
      sockets_(sockets),
      name_(std::move(name)),
      number_(number),
      participant_(std::move(participant)),
      token_(std::move(token)),
      unique_id_(around.random.uuid()),
      reconnect_(around.schedule, [this] { open_socket(); }),
      ping_(around.schedule, [this] { ping(); }),
      retry_publishing_(around.schedule, [this] { retry_publishing(); }) {
    signal_path.delay = Duration(static_cast<int64_t>(2'000 + around.random.below(20'000)));
    set_network(Duration(static_cast<int64_t>(2'000 + around.random.below(20'000))), 0);
}

void Browser::complain(const std::string& what) {
    if (on_complaint) on_complaint(name_ + ": " + what);
}

void Browser::set_network(Duration delay, uint32_t lost_per_mille) {
    for (Wire* wire : {&publishing_wire, &subscribing_wire}) {
        wire->set_delay(delay);
        wire->set_loss(lost_per_mille);
    }
}

// ---- Signalling: rpc-websockets as the SDK sets it up (spec 2.2, 2.9).

void Browser::connects() { open_socket(); }

void Browser::open_socket() {
    socket_ =
        sockets_.open(*this, signal_path,
                      fmt::format("/v3/?token={}&client=browser&sdkVersion=0.12.0&uniqueId={}", token_, unique_id_));
}

void Browser::socket_opened(SocketId socket) {
    if (socket != socket_ || gone_) return;
    socket_up_ = true;
    ping_.set(around_.schedule.time() + kPing);
    if (std::exchange(said_preferences_, true)) return;  // not said again after a reconnect
    call("setMediaPreferences", {{"protocol", "WEBRTC"}}, [this](const json::object* result) {
        ready_ = result != nullptr;
        if (ready_) job_done();
        around_.trace.note(around_.schedule.time(), name_, "is connected");
    });
}

void Browser::socket_closed(SocketId socket, uint16_t code) {
    if (socket != socket_) return;
    around_.trace.note(around_.schedule.time(), name_, "lost its socket", std::to_string(code));
    socket_up_ = false;
    // What was under way never completes.
    calls_.clear();
    answering_ = unanswered_ = false;
    offers_.clear();
    job_runs_ = false;
    jobs_.clear();
    if (code == 1000) closed_for_good_ = true;
    if (!closed_for_good_ && !gone_) reconnect_.set(around_.schedule.time() + kReconnect);
}

void Browser::loses_signalling(bool server_hears) { sockets_.lose(socket_, server_hears); }

void Browser::cut_signalling() {
    signal_path.cut = true;
    loses_signalling();
}

void Browser::call(std::string_view method, json::object params, Reply reply) {
    if (!socket_up_) return reply(nullptr);  // rejected at once
    const uint64_t id = ++last_call_;
    calls_[id] = std::move(reply);
    sockets_.send(socket_, json::serialize(json::object{
                               {"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}, {"id", id}}));
}

void Browser::notify(std::string_view method, json::value params) {
    sockets_.send(socket_,
                  json::serialize(json::object{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}}));
}

void Browser::ping() {
    ping_.set(around_.schedule.time() + kPing);
    call("ping", {}, [](const json::object*) {});
    notify("deviceDiagnostics", json::object{{"logs", json::array{}}});
}

void Browser::socket_text(SocketId socket, const std::string& text) {
    if (socket != socket_ || gone_) return;
    const json::object message = json::parse(text).as_object();
    const json::value* id = message.if_contains("id");
    if (!id) {
        if (text_of(message, "method") == "sdpOffer") take_offer(message.at("params").as_object());
        return;
    }
    const auto found = calls_.find(id->to_number<uint64_t>());
    if (found == calls_.end()) return complain("an answer to nothing: " + text);
    const Reply reply = std::move(found->second);
    calls_.erase(found);
    const json::value* result = message.if_contains("result");
    if (!result) errors_.push_back(message.at("error").as_object());
    reply(result ? &result->as_object() : nullptr);
}

void Browser::leaves() {
    if (gone_) return;
    gone_ = true;
    if (socket_up_) {
        notify("leave", nullptr);
        notify("deviceDiagnostics", json::object{{"logs", json::array{}}});
        sockets_.close(socket_);
    }
    socket_up_ = ready_ = false;
    for (Connection* connection : {publishing_.get(), subscribing_.get()})
        if (connection) connection->close();
    for (Alarm* alarm : {&reconnect_, &ping_, &retry_publishing_}) alarm->set(kNever);
}

void Browser::vanishes() {
    gone_ = true;
    publishing_wire.set_cut(true);
    subscribing_wire.set_cut(true);
    loses_signalling();
    socket_up_ = ready_ = false;
    for (Connection* connection : {publishing_.get(), subscribing_.get()})
        if (connection) connection->close();
    for (Alarm* alarm : {&reconnect_, &ping_, &retry_publishing_}) alarm->set(kNever);
}

// ---- Publishing (spec 2.6).

NetAddress Browser::next_address() {
    return NetAddress::v4(198, 51, static_cast<uint8_t>(number_ >> 8), static_cast<uint8_t>(number_), next_port_++);
}

void Browser::moves() {
    for (Connection* connection : {publishing_.get(), subscribing_.get()})
        if (connection) connection->move_to(next_address());
}

std::unique_ptr<Connection> Browser::make_connection(Connection::Purpose purpose) {
    const bool publishes = purpose == Connection::Purpose::Publishing;
    auto connection =
        std::make_unique<Connection>(around_, next_address(), publishes ? publishing_wire : subscribing_wire, purpose);
    connection->on_complaint = [this](const std::string& what) { complain(what); };
    if (publishes) connection->on_failed = [this] { restart_publishing(); };
    return connection;
}

void Browser::queue(std::function<void()> job) {
    jobs_.push_back(std::move(job));
    if (!job_runs_ && ready_) job_done();
}

void Browser::job_done() {
    job_runs_ = !jobs_.empty();
    if (!job_runs_) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
}

std::string Browser::publishes(const PublishOptions& options) {
    const std::string stream = around_.random.uuid();
    queue([this] { open_publishing(); });
    queue([this, stream, options] {
        aliases_[stream] = options.alias;
        if (options.audio) add_track(MediaKind::Audio, stream);
        if (options.video) add_track(MediaKind::Video, stream);
        negotiate();
    });
    return stream;
}

/// The SDK's first offer holds the data channels alone.
void Browser::open_publishing() {
    if (publishing_) return job_done();
    publishing_ = make_connection(Connection::Purpose::Publishing);
    negotiate();
}

void Browser::add_track(MediaKind kind, const std::string& stream) {
    SentTrack& track = publishing_->add(std::make_unique<SentTrack>(kind, number_ * kSourcesPerBrowser + next_source_++,
                                                                    around_.random, around_.media_pace));
    // A stopped line is used again, under a new mid.
    auto line = std::ranges::find_if(
        lines_, [&](const Line& one) { return one.description.stopped && one.description.kind == kind; });
    if (line == lines_.end()) line = lines_.insert(lines_.end(), Line{});
    *line = {{.kind = kind,
              .stream_id = stream,
              .track_id = around_.random.uuid(),
              .ssrc = track.ssrc(),
              .rtx_ssrc = track.rtx_ssrc(),
              .mid = std::to_string(next_mid_++)},
             &track};
}

void Browser::unpublishes(const std::string& stream) {
    queue([this, stream] {
        if (!publishing_) return job_done();  // what would have opened it was given up
        aliases_.erase(stream);
        for (Line& line : lines_) {
            if (line.description.stream_id != stream || line.description.stopped) continue;
            line.description.stopped = true;
            publishing_->remove(*std::exchange(line.track, nullptr));
        }
        negotiate();
    });
}

void Browser::negotiate() {
    std::vector<rtc::sdp::ClientTrack> tracks;
    for (const Line& line : lines_) tracks.push_back(line.description);
    json::object streams;
    for (const auto& [stream, alias] : aliases_)
        streams[stream] = alias.empty() ? json::object{} : json::object{{"alias", alias}};
    const json::object channels{{"__heartbeat__", {{"label", "__heartbeat__"}, {"streamId", 0}}},
                                {"__diagnostics__", {{"label", "__diagnostics__"}, {"streamId", 1}}}};
    call("offerSdp",
         {{"sdpOffer", rtc::sdp::publishing_offer(tracks, publishing_->local(), publishing_->origin())},
          {"mediaMetadata", {{"mediaStreams", std::move(streams)}, {"dataChannels", channels}}}},
         [this](const json::object* result) {
             if (result) take_answer(*result);
             job_done();
         });
}

void Browser::take_answer(const json::object& result) {
    std::vector<rtc::sdp::ClientTrack> tracks;
    for (const Line& line : lines_) tracks.push_back(line.description);
    const auto answer = rtc::sdp::read_publishing_answer(text_of(result, "sdpAnswer"), tracks);
    if (!answer) return complain("cannot use an answer: " + answer.error().text());
    if (!result.if_contains("streamMetadata")) complain("an answer without streamMetadata");
    for (size_t i = 0; i < lines_.size(); ++i)
        if (lines_[i].track) lines_[i].track->negotiate(answer->tracks[i]);
    publishing_->apply(answer->server);
    publishing_->wake();
}

void Browser::restart_publishing() {
    retry_publishing_.set(around_.schedule.time() + kRetryPublishing);
    queue([this] {
        publishing_->restart_ice();
        negotiate();
    });
}

void Browser::retry_publishing() {
    if (!gone_ && publishing_->state() != Connection::State::Connected) restart_publishing();
}

void Browser::mute_camera(bool muted) {
    for (const Line& line : lines_)
        if (line.track && line.description.kind == MediaKind::Video) line.track->enabled = !muted;
}

// ---- Subscribing (spec 2.4, 2.7).

void Browser::take_offer(const json::object& params) {
    ++offers_seen_;
    const json::value& revision = params.at("sdpRevision");
    if (!revision.is_int64() || revision.get_int64() > INT32_MAX)
        return complain("a revision that is no 31-bit integer");
    if (revision.get_int64() <= highest_revision_) complain("a revision that does not rise");
    highest_revision_ = std::max(highest_revision_, revision.get_int64());
    if (unanswered_ && around_.schedule.time() - offered_at_ < kAnswerTimeout) complain("two offers outstanding");
    unanswered_ = true;
    offered_at_ = around_.schedule.time();
    if (!params.if_contains("streamMetadata")) return complain("an offer without streamMetadata");
    offers_.push_back(params);
    next_offer();
}

void Browser::next_offer() {
    if (answering_ || offers_.empty()) return;
    const json::object params = std::move(offers_.front());
    offers_.pop_front();
    if (params.at("sdpRevision").get_int64() <= revision_) return next_offer();
    answering_ = true;
    answer(params);
}

void Browser::answer(const json::object& params) {
    if (!subscribing_) {
        subscribing_ = make_connection(Connection::Purpose::Subscribing);
        revision_ = 0;
    }
    const std::string offer = text_of(params, "sdpOffer");
    auto answer = rtc::sdp::answer_subscribing_offer(offer, subscribing_->local(), subscribing_->origin());
    if (answer && subscribing_->is_restart(answer->server.ice)) {
        subscribing_->restart_ice();
        answer = rtc::sdp::answer_subscribing_offer(offer, subscribing_->local(), subscribing_->origin());
    }
    if (!answer) return complain("cannot use an offer: " + answer.error().text());
    const std::string wrong = offer_checker_.check(*rtc::sdp::Description::parse(offer));
    if (!wrong.empty()) complain("an offer in which " + wrong);
    subscribing_->set_heard(answer->tracks);
    update_streams(answer->tracks, params.at("streamMetadata").as_object());
    subscribing_->apply(answer->server);
    unanswered_ = false;
    const int64_t revision = params.at("sdpRevision").get_int64();
    call("answerSdp", {{"sdpAnswer", answer->sdp}}, [this, revision](const json::object* result) {
        if (result) revision_ = revision;
        answering_ = false;
        next_offer();
    });
}

void Browser::update_streams(const std::vector<rtc::sdp::OfferedTrack>& tracks, const json::object& metadata) {
    std::map<std::string, size_t> there;
    for (const rtc::sdp::OfferedTrack& track : tracks) ++there[track.stream_id];
    for (auto it = streams_.begin(); it != streams_.end();) {
        if (there.contains(it->first)) {
            ++it;
            continue;
        }
        events_.push_back(it->second);
        events_.back().available = false;
        around_.trace.note(around_.schedule.time(), name_, "onStreamUnavailable", it->first);
        it = streams_.erase(it);
    }
    for (const auto& [stream, count] : there) {
        const json::value* known = metadata.if_contains(stream);
        if (!known) {
            complain("a stream without metadata");
            continue;
        }
        StreamEvent event{
            true, stream, text_of(known->as_object(), "participantId"), text_of(known->as_object(), "alias"), {}};
        for (const json::value& type : known->as_object().at("mediaTypes").as_array())
            event.media_types.emplace_back(type.as_string());
        // Spec 2.7: else the event would come twice.
        if (event.media_types.size() != count) complain("a stream whose tracks did not come in one offer");
        if (!streams_.emplace(stream, event).second) continue;
        events_.push_back(event);
        around_.trace.note(around_.schedule.time(), name_, "onStreamAvailable", stream);
    }
}

// ---- What can be seen.

bool Browser::publishing_connected() const {
    return publishing_ && publishing_->state() == Connection::State::Connected && publishing_->can_send();
}
bool Browser::subscribing_connected() const {
    return subscribing_ && subscribing_->state() == Connection::State::Connected && subscribing_->can_send();
}

const Figures* Browser::figures(const Browser& other, MediaKind kind) const {
    if (!subscribing_) return nullptr;
    for (const auto& track : subscribing_->heard())
        if (track->kind() == kind && track->source() && *track->source() / kSourcesPerBrowser == other.number_)
            return &track->figures();
    return nullptr;
}

bool Browser::receives(const Browser& other, MediaKind kind) const {
    const Figures* figures = this->figures(other, kind);
    return figures && figures->last != Timestamp{} &&
           around_.schedule.time() - figures->last < kFlowing * around_.media_pace;
}

bool Browser::receives_anything() const {
    return subscribing_ && std::ranges::any_of(subscribing_->heard(), [&](const auto& track) {
               return track->figures().last != Timestamp{} &&
                      around_.schedule.time() - track->figures().last < kFlowing * around_.media_pace;
           });
}

void Browser::measure_anew() {
    if (!subscribing_) return;
    for (const auto& track : subscribing_->heard()) track->measure_anew();
}

const SentTrack* Browser::sent(MediaKind kind) const {
    if (!publishing_) return nullptr;
    for (const auto& track : publishing_->sent())
        if (track->kind() == kind) return track.get();
    return nullptr;
}

size_t Browser::available_events(const Browser& publisher) const {
    return static_cast<size_t>(std::ranges::count_if(events_, [&](const StreamEvent& event) {
        return event.available && event.participant == publisher.participant_;
    }));
}

size_t Browser::unavailable_events() const {
    return static_cast<size_t>(std::ranges::count(events_, false, &StreamEvent::available));
}

std::set<std::string> Browser::streams() const {
    std::set<std::string> ids;
    for (const auto& [id, event] : streams_) ids.insert(id);
    return ids;
}

}  // namespace crosspoint::sim
