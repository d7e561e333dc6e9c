#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "rtc/dtls/openssl_transport.h"
#include "rtc/link/link.h"
#include "sfu/worker.h"

// A worker and the browsers around it on a virtual network that loses and delays.
namespace crosspoint::sfu::test {

inline const NetAddress kWorkerAddress = NetAddress::v4(192, 0, 2, 1, 40000);

/// A browser's end of one connection: our own link in the asking role. What it sends and hears is for subclasses.
class Browser {
public:
    Browser(LinkId id, LinkPurpose purpose, Random& random, rtc::dtls::TransportFactory& transports)
        : address(NetAddress::v4(198, 51, 100, static_cast<uint8_t>(id.value), 5000)),
          id_(id),
          purpose_(purpose),
          certificate_(crypto::make_certificate(WallTime{1'760'000'000'000})),
          local_ice_{random.ice_chars(8), random.ice_chars(24)},
          link_({.id = id,
                 .ice_role = rtc::link::IceRole::Controlling,
                 .local_ice = local_ice_,
                 .dtls_role = purpose == LinkPurpose::Publishing ? rtc::DtlsRole::Client : rtc::DtlsRole::Server,
                 .certificate = certificate_,
                 .srtp_profiles = {rtc::SrtpProfile::AeadAes128Gcm}},
                transports, random) {}
    virtual ~Browser() = default;

    /// What the control plane says to the worker, and signalling to us.
    void connect(Timestamp now, Worker& worker, Output& worker_out, Random& random) {
        server_certificate_ = crypto::make_certificate(WallTime{1'760'000'000'000});
        server_ice_ = {random.ice_chars(8), random.ice_chars(24)};
        OpenLink open;
        open.link = id_;
        open.purpose = purpose_;
        open.local_ice = server_ice_;
        open.dtls_role = purpose_ == LinkPurpose::Publishing ? rtc::DtlsRole::Server : rtc::DtlsRole::Client;
        open.certificate = server_certificate_;
        open.srtp_profiles = {rtc::SrtpProfile::AeadAes128Gcm};
        open.data_channel = true;
        worker.handle_command(now, open, worker_out);
        describe(now, worker, worker_out);
    }
    void restart_ice(Timestamp now, Worker& worker, Output& worker_out, Random& random) {
        local_ice_ = {random.ice_chars(8), random.ice_chars(24)};
        server_ice_ = {random.ice_chars(8), random.ice_chars(24)};
        link_.restart_ice(local_ice_);
        worker.handle_command(now, RestartIce{id_, server_ice_}, worker_out);
        describe(now, worker, worker_out);
    }
    void leave() { link_.close(link_out_); }

    void handle_datagram(Timestamp now, MutableBytes datagram) {
        link_.handle_datagram(now, kWorkerAddress, datagram, link_out_);
        for (const auto& packet : link_out_.packets) heard(now, packet);
        link_out_.packets.clear();
        take_events(now);
    }
    void handle_timeout(Timestamp now) {
        if (link_.next_timeout() <= now) link_.handle_timeout(now, link_out_);
        take_events(now);
        if (media_timeout() <= now) media(now);
    }
    Timestamp next_timeout() const { return std::min(link_.next_timeout(), media_timeout()); }

    LinkId id() const { return id_; }
    bool can_send() const { return link_.can_send(); }
    SendBatch& batch() { return batch_; }
    NetAddress address;

protected:
    virtual void heard(Timestamp now, const rtc::link::Received& packet) = 0;
    virtual void data(Timestamp, const Buffer&) {}
    virtual void media(Timestamp now) = 0;
    virtual Timestamp media_timeout() const = 0;
    void send_rtp(Bytes packet) { link_.send_rtp(batch_, packet); }
    void send_rtcp(const rtc::rtcp::Message& message) {
        std::array<uint8_t, 1200> room;
        ByteWriter out(room);
        rtc::rtcp::write(out, message);
        link_.send_rtcp(batch_, out.written());
    }
    rtc::link::Link& link() { return link_; }
    rtc::link::Output& link_out() { return link_out_; }

private:
    void describe(Timestamp now, Worker& worker, Output& worker_out) {
        worker.handle_command(now, SetRemote{id_, local_ice_, {{"sha-256", certificate_->sha256_fingerprint()}}},
                              worker_out);
        const std::vector<rtc::ice::Candidate> candidates{{kWorkerAddress, 1}};
        link_.set_remote(now, server_ice_, {{"sha-256", server_certificate_->sha256_fingerprint()}}, link_out_,
                         candidates);
    }
    void take_events(Timestamp now) {
        for (size_t i = 0; i < link_out_.events.size(); ++i) {
            const rtc::link::Event event = std::move(link_out_.events[i]);
            if (const auto* received = std::get_if<rtc::link::DataReceived>(&event)) data(now, received->data);
        }
        link_out_.events.clear();
    }

    LinkId id_;
    LinkPurpose purpose_;
    std::shared_ptr<const crypto::Certificate> certificate_;
    std::shared_ptr<const crypto::Certificate> server_certificate_;
    rtc::IceCredentials local_ice_;
    rtc::IceCredentials server_ice_;
    SendBatch batch_;
    rtc::link::Output link_out_{batch_, {}, {}};
    rtc::link::Link link_;
};

/// Everything moves in the order of its time; nothing else decides.
class Network {
public:
    explicit Network(uint64_t seed) : random(seed), worker(transports, random) {}

    template <class Kind>
    Kind& add(std::unique_ptr<Kind> browser) {
        Kind& added = *browser;
        browsers_.push_back(std::move(browser));
        added.connect(now, worker, out, random);
        flush();
        return added;
    }
    void command(const Command& command) {
        worker.handle_command(now, command, out);
        flush();
    }
    void flush() {
        for (const auto& browser : browsers_) {
            for (const Transmit& transmit : browser->batch().transmits())
                fly({browser->address, true}, browser->batch().datagram(transmit));
            browser->batch().clear();
        }
        for (const Transmit& transmit : out.batch.transmits()) fly({transmit.to, false}, out.batch.datagram(transmit));
        out.batch.clear();
        for (const Event& event : out.events) events.push_back(event);
        out.events.clear();
    }
    void run_for(Duration duration) {
        const Timestamp end = now + duration;
        while (next() <= end) {
            now = std::max(now, next());
            step();
        }
        now = end;
    }
    bool run_until(const std::function<bool()>& done, Duration limit = 20s) {
        for (const Timestamp end = now + limit; now < end && !done();) run_for(10ms);
        return done();
    }
    template <class E>
    int64_t count(LinkId link) const {
        return std::ranges::count_if(events, [&](const Event& event) {
            const auto* one = std::get_if<E>(&event);
            return one && one->link == link;
        });
    }

    SeededRandom random;
    rtc::dtls::OpensslTransportFactory transports;
    Worker worker;
    Output out;
    std::vector<Event> events;
    Timestamp now = Timestamp{} + 1h;
    uint64_t lost_percent = 0;
    std::vector<NetAddress> cut;  // nothing from or to these

private:
    struct End {
        NetAddress browser;
        bool to_worker;
    };
    struct Flying {
        Timestamp arrives;
        uint64_t order;
        End end;
        Buffer bytes;
        bool operator>(const Flying& o) const { return std::tie(arrives, order) > std::tie(o.arrives, o.order); }
    };

    void fly(const End& end, Bytes datagram) {
        if (std::ranges::count(cut, end.browser) > 0 || random.below(100) < lost_percent) return;
        flying_.push_back(
            {now + 20ms + Duration{static_cast<int64_t>(random.below(2000))}, order_++, end, to_buffer(datagram)});
        std::ranges::push_heap(flying_, std::greater{});
    }
    Timestamp next() const {
        Timestamp when = flying_.empty() ? kNever : flying_.front().arrives;
        when = std::min(when, worker.next_timeout());
        for (const auto& browser : browsers_) when = std::min(when, browser->next_timeout());
        return when;
    }
    void step() {
        while (!flying_.empty() && flying_.front().arrives <= now) {
            std::ranges::pop_heap(flying_, std::greater{});
            Flying datagram = std::move(flying_.back());
            flying_.pop_back();
            if (datagram.end.to_worker)
                worker.handle_datagram(now, datagram.end.browser, datagram.bytes, out);
            else
                for (const auto& browser : browsers_)
                    if (browser->address == datagram.end.browser) browser->handle_datagram(now, datagram.bytes);
        }
        if (worker.next_timeout() <= now) worker.handle_timeout(now, out);
        for (const auto& browser : browsers_)
            if (browser->next_timeout() <= now) browser->handle_timeout(now);
        flush();
    }

    std::vector<std::unique_ptr<Browser>> browsers_;
    std::vector<Flying> flying_;  // a heap
    uint64_t order_ = 0;
};

}  // namespace crosspoint::sfu::test
