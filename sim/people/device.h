#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "browser.h"
#include "people/call_picture.h"
#include "people/jsapi_link.h"

namespace crosspoint::sim {

/// A user as the app made it through the administration API: `user` owns `profile`, and perhaps others.
struct Person {
    std::string user;
    std::string profile;
};

struct CallWishes {
    Media media{};
    std::string chain{};
    bool replace = false;
    bool hold_others = false;
    int ring_timeout_ms = 0;  // 0: the server's
};

/// What an application on a device was told: of a call, or with an empty `call` of the connection or a text.
struct Event {
    Timestamp when;
    std::string call;
    std::string name;  // "call:received", "text:received", "connected", …
    std::vector<std::string> args;
};

/// A page with JSAPI in it: one connection of one user, what JSAPI does on its own (jsapi 2, 3, 7, 11), and what its
/// user does. Made by `World::device`:
///
///     Person alice = world.person("alice"), bob = world.person("bob");
///     Device& desk = world.device(alice, "desk");          // connected and synced
///     Device& phone = world.device(bob, "phone");
///     CallPicture& call = desk.opens({bob.profile});
///     world.run_until([&] { return phone.rings(); });
///     phone.accepts(phone.call().id);
///     world.run_until([&] { return desk.hears(phone) && phone.sees(desk); });
///
/// Whatever an action asks of the server comes back as a `Request`; `World::answer` waits for it. Calls stay where they
/// are, and are never forgotten: `call.live()` tells. A device joins the media of the call it is active in as a
/// `Browser` (`media()`), unless `joins_media` is false.
class Device final : public LinkListener {
public:
    using MakeBrowser =
        std::function<Browser&(const std::string& name, const std::string& participant, const std::string& token)>;
    /// Gives a new token for the user to `take`, some time later.
    using FetchToken = std::function<void(std::function<void(std::string)> take)>;

    Device(Surroundings& around, Sockets& sockets, const Person& person, std::string name, std::string token,
           MakeBrowser make_browser, FetchToken fetch_token);

    const std::string& name() const { return name_; }
    const Person& person() const { return person_; }
    /// The connection's id; empty before the first welcome.
    const std::string& id() const { return link_.connection_id(); }
    Viewer viewer() const { return {id(), profiles_}; }
    JsapiLink& link() { return link_; }
    const JsapiLink& link() const { return link_; }

    bool auto_ringing = true;
    bool joins_media = true;

    // What its user does. Nothing before the other fails: the server says what it thinks of it.
    void connects() { link_.connects(); }
    /// Hangs up what it is active in, says bye and closes.
    void disconnects();
    void reloads();
    void starts_anew();
    void vanishes();
    /// Nothing reaches it and nothing leaves it until it is back; the server learns of it as `server_hears` says.
    void goes_offline(bool server_hears = true);
    void comes_online();
    CallPicture& opens(const std::vector<std::string>& to, const CallWishes& wishes = {});
    Request rings(const std::string& call) { return act("call.ringing", call); }
    Request accepts(const std::string& call, const Media& media = {}, bool hold_others = false);
    Request rejects(const std::string& call, const std::string& reason = "declined");
    Request ignores(const std::string& call) { return act("call.ignore", call); }
    Request unavailable(const std::string& call) { return act("call.unavailable", call, {{"reason", "no_media"}}); }
    /// On an undecided receiver it declines (7.3).
    Request hangs_up(const std::string& call);
    Request activates(const std::string& call, const Media& media = {});
    Request holds(const std::string& call) { return act("call.hold", call); }
    Request resumes(const std::string& call, bool hold_others = false);
    Request updates(const std::string& call, const Media& media);
    Request invites(const std::string& call, const std::vector<std::string>& profiles);
    Request removes(const std::string& call, const std::string& profile);
    /// An empty chain begins one.
    Request texts(const std::vector<std::string>& to, const std::string& text, const std::string& chain = {});
    Request asks(const std::string& type, boost::json::object body) { return link_.request(type, std::move(body)); }

    // What can be seen of it.
    bool synced() const { return link_.ready(); }
    const std::vector<std::unique_ptr<CallPicture>>& calls() const { return calls_; }
    /// Null: it knows none of that id.
    CallPicture* find(const std::string& call) const;
    /// The newest call it knows; fails when there is none.
    CallPicture& call() const;
    CallPicture& call(const std::string& call) const;
    /// JSAPI has told that somebody calls, and this user may still decide.
    bool rings() const;
    std::string role(const std::string& call) const { return this->call(call).role(viewer()); }
    const std::vector<Event>& events() const { return events_; }
    /// Ended calls, events and frames, for stories that go on for long.
    void forgets_the_past();
    /// How often the event came, of whatever call unless one is named.
    size_t count(std::string_view event, std::string_view call = {}) const;
    bool was_told(std::string_view event, const std::vector<std::string>& args) const;
    /// Names of the events of a call in their order, without `state` and `call:updated`.
    std::vector<std::string> story(const std::string& call) const;
    /// How often it heard such a frame, of whatever call unless one is named.
    size_t heard(std::string_view type, std::string_view call = {}) const;
    size_t said(std::string_view type, std::string_view call = {}) const;
    /// The body of the last such frame; empty when there was none.
    boost::json::object last(std::string_view type) const;
    /// Whether any frame it ever heard holds this text.
    bool ever_heard_text(std::string_view text) const;

    /// Where it is in the media of a call; null: nowhere.
    Browser* media(const std::string& call) const;
    bool in_media() const { return !seats_.empty(); }
    /// In a call that both are in.
    bool hears(const Device& other) const { return receives(other, rtc::MediaKind::Audio); }
    bool sees(const Device& other) const { return receives(other, rtc::MediaKind::Video); }
    /// The app has a way to get other tokens (`tokenProvider`).
    void renews_its_token() { link_.renewable = true; }

private:
    struct Seat {
        Browser* browser = nullptr;
        std::string stream;  // that it publishes, if any
        uint64_t epoch = 0;
    };

    void welcomed(const boost::json::object& welcome) override;
    void told(const std::string& type, const boost::json::object& body, bool live) override;
    void synced(Arrived how) override;
    void closed(uint16_t code) override;
    void needs_token() override;

    Request act(std::string type, const std::string& call, boost::json::object body = {}, Then then = {});
    void insist(const std::string& type, const std::string& call, const boost::json::object& body = {});
    void told_of_call(const std::string& type, const boost::json::object& body, bool live);
    CallPicture* picture_for(const std::string& type, const boost::json::object& body, bool live);
    CallPicture* opened_here(const boost::json::object& body) const;
    CallPicture* crossed(const std::string& call, const std::string& loser, bool live);
    bool waits_for_winner(const std::string& type, const boost::json::object& body);
    void opened(CallPicture& call, const Outcome& outcome);
    void merge_into(const std::string& call, CallPicture& opened);
    void ends_locally(CallPicture& call, std::string reason);
    void greet(CallPicture& call, bool ring);
    void asks_for_state(const CallPicture& call);
    void follow(CallPicture& call, const CallPicture::Told& told);
    void join(const CallPicture& call, const boost::json::object& media);
    void leave_media(const std::string& call);
    void lose_page();
    bool receives(const Device& other, rtc::MediaKind kind) const;
    void emit(std::string_view call, std::string name, std::vector<std::string> args = {}, bool live = true);
    void told_of_text(const std::string& type, const boost::json::object& body);
    CallPicture& add_call();

    Surroundings& around_;
    Person person_;
    std::string name_;
    MakeBrowser make_browser_;
    FetchToken fetch_token_;
    JsapiLink link_;
    std::set<std::string> profiles_;
    std::vector<std::unique_ptr<CallPicture>> calls_;
    std::set<std::string> told_;                // calls that the snapshot has told of
    std::map<std::string, std::string> ended_;  // why calls have ended that it was told of by the log
    std::set<std::string> waiting_for_winner_;  // losers of crossings whose end is not told yet (GLR-5)
    std::vector<Event> missed_;                 // told at `sync.done` (RCV-6)
    std::vector<Event> events_;
    std::map<std::string, Seat> seats_;                     // by call: the media that it is in
    std::vector<std::unique_ptr<CallPicture>> past_calls_;  // of earlier pages
};

}  // namespace crosspoint::sim
