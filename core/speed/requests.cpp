#include "core/speed/requests.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

/// No prompt adds less to others than this share of its own step: it is at least in their way.
constexpr double least_share_of_prompt = 0.15;
/// A server that reads prompts all the time answers no more: waiting is counted up to here.
constexpr double most_busy = 0.95;

/// Waiting for a server that is busy a share of the time, each visit of the same length: M/D/1.
double wait_for(double busy, double visit)
{
    return busy / (2 * (1 - busy)) * visit;
}

/// Times of one replica with so many sequences.
struct ReplicaTimes
{
    double decode = 0; ///< a step of all
    double added = 0;  ///< what one prompt adds to the others
    double own = 0;    ///< a prompt's own time
    double alone = 0;  ///< the same with nothing beside it
};

class Requests
{
public:
    Requests(const Server& server, const RequestLoad& load) : server_(server), load_(load)
    {
        chunk_ = std::min(load.unread(), server.budget);
        chunks_ = load.unread() / chunk_;
        before_ = (load.unread() - chunk_) / 2 + load.cached;
    }

    RequestTimes answer() const
    {
        if (load_.arrival == Arrival::open)
            return open();
        const double each = load_.concurrent / server_.replicas(); // in flight
        const double limit = load_.arrival == Arrival::batch ? each : server_.running_limit;
        const double fits = server_.capacity >= 1 ? server_.capacity : 1;
        const double running = std::max(1e-9, std::min({each, fits, limit}));
        if (load_.arrival == Arrival::batch)
            return batch(each, running);
        if (load_.arrival == Arrival::burst)
            return burst(running);
        return server_.prefill ? apart(each, running) : closed(each, running);
    }

private:
    double stages() const { return server_.steps->layout().pipeline; }
    double sequence() const { return server_.rates->sequence_seconds; }

    /// Stages work on as many micro batches at the same time where there are enough sequences.
    double micro_batch(double running) const
    {
        const bool splits = stages() > 1 && running >= stages() && server_.engine->pipelines_batches;
        return splits ? running / stages() : running;
    }

    StepLoad decode_load(double running) const
    {
        return {.decoding = micro_batch(running), .context = load_.context()};
    }

    double decode_seconds(double running) const
    {
        return (server_.steps->seconds(decode_load(running)) + sequence() * running) * stages();
    }

    /// Prompts that start together share steps up to the budget.
    double joined(double running) const
    {
        const bool together = load_.arrival == Arrival::burst || load_.arrival == Arrival::batch;
        return together ? std::max(1.0, std::min(server_.budget / load_.unread(), running)) : 1;
    }

    StepLoad prompt_load(double joined) const
    {
        const double tokens = chunk_ * joined;
        return {.prompt = tokens,
                .prompt_context = joined > 1 ? before_ - (tokens - chunk_) / 2 : before_,
                .finished = joined};
    }

    ReplicaTimes times(double running) const
    {
        const StepLoad decode = decode_load(running);
        const double bare = server_.steps->seconds(decode);
        const double join = joined(running);
        const StepLoad prompt = prompt_load(join);
        StepLoad mixed = prompt;
        mixed.decoding = decode.decoding;
        mixed.context = decode.context;
        const StepTime& readers = server_.prefill ? *server_.prefill_steps : *server_.steps;
        const double pure = readers.seconds(prompt);
        ReplicaTimes times;
        times.decode = (bare + sequence() * running) * stages();
        times.alone = pure * chunks_;
        if (server_.engine->mixes_prompts) {
            const double together = server_.steps->seconds(mixed);
            times.added = std::max(together - bare, least_share_of_prompt * pure) * chunks_ / join;
            times.own = (together + sequence() * running) * chunks_ * stages();
        } else {
            times.added = pure * chunks_ / join;
            times.own = pure * chunks_ * stages();
        }
        return times;
    }

    RequestTimes with_steps(double running, const ReplicaTimes& times) const
    {
        RequestTimes result;
        result.decode_step = times.decode;
        result.prefill = server_.prefill ? times.alone : times.own;
        result.running = running * server_.replicas();
        result.waiting = std::max(0.0, load_.concurrent - result.running);
        result.step = decode_load(running);
        result.step_times = stages();
        result.step_sequences = running;
        result.prompt_apart = server_.prefill.has_value();
        result.prompt_step = prompt_load(1);
        result.prompt_steps = chunks_;
        if (!server_.prefill) {
            result.prompt_steps *= stages();
            if (server_.engine->mixes_prompts) {
                result.prompt_step.decoding = result.step.decoding;
                result.prompt_step.context = result.step.context;
            }
        }
        return result;
    }

    void finish(RequestTimes& result, double first, double per_token) const
    {
        result.first_token = first;
        result.per_token = per_token;
        result.end_to_end = first + (load_.answer - 1) * per_token;
    }

    RequestTimes open() const
    {
        const double rate = load_.per_second / server_.replicas();
        const double most = std::min(server_.running_limit, std::max(1.0, server_.capacity));
        double running = 1;
        ReplicaTimes at = times(running);
        constexpr int rounds = 12;
        for (int round = 0; round < rounds; ++round) {
            const double wanted = rate * load_.answer * at.decode * (1 + rate * at.added);
            running = std::max(1.0, (running + std::min(wanted, most)) / 2);
            at = times(running);
        }
        RequestTimes result = with_steps(running, at);
        const double busy = std::min(rate * at.added, most_busy);
        finish(result, at.own + at.decode / 2 + wait_for(busy, at.added) + request(),
               at.decode * (1 + rate * at.added));
        result.waiting = 0;
        result.output_per_second = load_.per_second * load_.answer;
        return result;
    }

    double request() const { return server_.engine->request_ms * 1e-3; }

    RequestTimes batch(double each, double running) const
    {
        const ReplicaTimes at = times(running);
        RequestTimes result = with_steps(running, at);
        // A script calls the engine without a server: a part of the request's own time.
        const double call = request() * (server_.engine->id == "llama.cpp" ? 0.1 : 0.3);
        const double all = each * at.added + load_.answer * at.decode * std::max(each / running, 1.0);
        result.first_token = each <= 1.01 ? at.own + call : each * at.added;
        result.per_token = at.decode;
        result.end_to_end = all;
        result.output_per_second = load_.concurrent * load_.answer / all;
        return result;
    }

    RequestTimes burst(double running) const
    {
        const ReplicaTimes at = times(running);
        RequestTimes result = with_steps(running, at);
        const double all = std::max(load_.requests, load_.concurrent);
        const double each = all / server_.replicas();
        const double step = std::max(at.decode, handing_out(running));
        const double total = each > running * 1.0001 ? each * (at.added + load_.answer * step / running)
                                                     : each * at.added + load_.answer * step;
        result.output_per_second = all * load_.answer / total;
        return result;
    }

    /// Tokens of a step go out one after the other, over all replicas.
    double handing_out(double running) const { return server_.engine->api_us * 1e-6 * running * server_.replicas(); }

    /// Part of the requests that meet the opening burst.
    double opening(double each) const
    {
        constexpr double usually = 10; // benchmarks send ten times as many as they keep in flight
        const double all = load_.requests > 0 ? load_.requests : usually * load_.concurrent;
        return std::min(1.0, each / (all / server_.replicas()));
    }

    void take_output(RequestTimes& result) const
    {
        result.output_per_second = load_.concurrent * load_.answer / *result.end_to_end;
    }

    RequestTimes closed(double each, double running) const
    {
        const ReplicaTimes at = times(running);
        const double half = decode_seconds(running / 2);
        const double slope = std::max(at.decode - half, 0.0) / (running / 2);
        const double out = handing_out(running);
        const double share = opening(each);
        const bool mixes = server_.engine->mixes_prompts;
        // Of requests that go in waves, half of the others' prompts are read before the first token, not between.
        const double between = load_.equal_lengths ? 1 - server_.engine->waves / 2 : 1;
        const double bound = at.decode + (mixes ? at.added / load_.unread() * server_.budget : 1e9);
        double decoding = running;
        double per_token = at.decode;
        const auto waits = [&](double busy) {
            return share * std::max(0.0, running - 1) / 2 * at.added + (1 - share) * wait_for(busy, at.added);
        };
        double busy = 0;
        constexpr int rounds = 4;
        for (int round = 0; round < rounds; ++round) {
            const double fewer = slope * (running - decoding);
            const double step = std::max(at.decode - fewer, out * decoding / running);
            per_token = std::min(step + between * std::max(decoding - 1, 0.0) * at.added / load_.answer,
                                 std::max(bound - fewer, step));
            const double writing = load_.answer * per_token;
            busy = running > 1 ? std::min(decoding * at.added / writing, most_busy) : 0;
            const double wait = std::min(at.own + waits(busy), running * at.added);
            const double now = std::max(running * writing / (writing + wait), 0.05 * running);
            decoding = std::max((decoding + now) / 2, std::min(1.0, running));
        }
        RequestTimes result = with_steps(running, at);
        const double queue = std::max(each - running, 0.0) * load_.answer * per_token / decoding;
        finish(result, at.own + at.decode / 2 + waits(busy) + queue + request() + server_.held_steps * per_token,
               per_token);
        take_output(result);
        return result;
    }

    /// Prompts on workers of their own.
    RequestTimes apart(double each, double running) const
    {
        const ReplicaTimes at = times(running);
        RequestTimes result = with_steps(running, at);
        const double readers = server_.prefill->workers * server_.prefill->layout.data;
        const double share = opening(each);
        const double busy =
            std::min(load_.concurrent / (load_.answer * at.decode + at.own) * at.alone / readers, most_busy);
        const double handover = server_.engine->handover_ms * 1e-3;
        const double ahead = std::max(0.0, load_.concurrent / readers - 1);
        finish(result,
               at.alone + share * ahead / 2 * at.alone + (1 - share) * wait_for(busy, at.alone) + request() + handover +
                   at.decode,
               at.decode);
        take_output(result);
        return result;
    }

    const Server& server_;
    const RequestLoad& load_;
    double chunk_ = 1;
    double chunks_ = 1;
    double before_ = 0; ///< tokens in the cache before a chunk, mean
};

} // namespace

RequestTimes request_times(const Server& server, const RequestLoad& load)
{
    return Requests(server, load).answer();
}

} // namespace weighbridge
