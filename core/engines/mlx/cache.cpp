#include "core/engines/mlx/run.h"

#include <algorithm>

namespace weighbridge {

namespace {

constexpr std::int64_t step = 256; // KVCache.step

std::int64_t up_to_step(std::int64_t tokens)
{
    return (tokens + step - 1) / step * step;
}

/// KVCache.update_and_fetch: a cache that is full is cut to what is used and grows by the new tokens, rounded up.
struct Growing
{
    std::int64_t room = 0;
    std::int64_t used = 0;

    void take(std::int64_t tokens)
    {
        if (used + tokens > room) {
            if (used % step != 0)
                room = used;
            room += up_to_step(tokens);
        }
        used += tokens;
    }

    void take_chunks(std::int64_t chunk, std::int64_t count)
    {
        constexpr std::int64_t most_looked_at = 1 << 20;
        if (chunk % step == 0 || count > most_looked_at) { // every chunk leaves it full, or nearly so
            room = used = chunk * count;
            room = up_to_step(room);
            return;
        }
        for (std::int64_t i = 0; i < count; ++i)
            take(chunk);
    }

    /// One after the other: it grows whenever it is full.
    void take_singles(std::int64_t tokens)
    {
        used += tokens;
        if (used > room)
            room += up_to_step(used - room);
    }
};

std::int64_t growing_room(const MlxRun& run, const MlxMoment& moment)
{
    Growing cache;
    const std::int64_t in_chunks = moment.is_end() ? run.prompt - 1 : moment.after();
    const std::int64_t chunk = std::min(run.chunk, std::max<std::int64_t>(1, in_chunks));
    cache.take_chunks(chunk, in_chunks / chunk);
    if (in_chunks % chunk > 0)
        cache.take(in_chunks % chunk);
    if (moment.is_end())
        cache.take_singles(run.total() - in_chunks);
    return cache.room;
}

/// RotatingKVCache: every token of a chunk sees the window, and single tokens write in place.
std::int64_t rotating_room(const MlxRun& run, const MlxCache& cache, const MlxMoment& moment)
{
    const std::int64_t window = cache.window;
    if (!moment.is_end())
        return moment.tokens == 1 ? std::min(window, moment.after())
                                  : std::min(moment.before, std::max<std::int64_t>(0, window - 1)) + moment.tokens;
    const std::int64_t in_chunks = run.prompt - 1;
    const std::int64_t rest = in_chunks % run.chunk;
    const std::int64_t joined = run.chunk == 1 ? 0 : rest == 1 ? in_chunks - 1 : in_chunks;
    if (joined >= window)
        return window;
    return std::min(window, joined + up_to_step(run.total() - joined));
}

/// ChunkedKVCache: before each chunk it is cut to the tokens that the attention's own chunk can still see.
std::int64_t chunked_room(const MlxRun& run, const MlxCache& cache, const MlxMoment& moment)
{
    const std::int64_t before = moment.is_end() ? run.total() - 1 : moment.before;
    const std::int64_t tokens = moment.is_end() ? 1 : moment.tokens;
    return before > cache.window ? cache.window + up_to_step(tokens) : growing_room(run, moment);
}

std::string_view symbol_of(const MlxCache& cache)
{
    switch (cache.kind) {
    case MlxCacheKind::growing:
        return "n_room";
    case MlxCacheKind::rotating:
        return "n_window";
    case MlxCacheKind::chunked:
        return "n_chunk";
    case MlxCacheKind::arrays:
        break;
    }
    return "n";
}

} // namespace

std::vector<MlxMoment> mlx_moments(const MlxRun& run)
{
    std::vector<MlxMoment> moments;
    const std::int64_t in_chunks = run.prompt - 1;
    const std::int64_t whole = in_chunks / run.chunk;
    if (whole > 0)
        moments.push_back({run.chunk, (whole - 1) * run.chunk});
    if (in_chunks % run.chunk > 0)
        moments.push_back({in_chunks % run.chunk, whole * run.chunk});
    moments.push_back({0, run.total()});
    return moments;
}

std::int64_t mlx_room(const MlxRun& run, const MlxCache& cache, const MlxMoment& moment)
{
    switch (cache.kind) {
    case MlxCacheKind::growing:
        return growing_room(run, moment);
    case MlxCacheKind::rotating:
        return rotating_room(run, cache, moment);
    case MlxCacheKind::chunked:
        return chunked_room(run, cache, moment);
    case MlxCacheKind::arrays:
        break;
    }
    return 0;
}

double mlx_number_bytes(const MlxRun& run, const MlxCache& cache, const MlxMoment& moment)
{
    // It is quantized after the call that reaches the start, with all the room that it has.
    const bool quantized = run.kv && cache.quantizable && moment.before >= run.kv_start;
    return quantized ? run.kv->width() / 8 : run.cached_bytes;
}

template<class Number>
Number mlx_cache_bytes(const MlxRun& run, const MlxCache& cache, const MlxMoment& moment)
{
    const Number each = cache.kind == MlxCacheKind::arrays
                            ? named<Number>("B_state", cache.state_bytes)
                            : named<Number>("n_kv", static_cast<double>(cache.numbers)) *
                                  named<Number>(symbol_of(cache), static_cast<double>(mlx_room(run, cache, moment))) *
                                  named<Number>("B_kv", mlx_number_bytes(run, cache, moment));
    return named<Number>("L", static_cast<double>(cache.layers)) * each *
           named<Number>("b", static_cast<double>(run.sequences));
}

double mlx_all_caches(const MlxRun& run, const MlxMoment& moment)
{
    double sum = 0;
    for (const MlxCache& cache : run.caches)
        sum += mlx_cache_bytes<double>(run, cache, moment);
    return sum;
}

template double mlx_cache_bytes<double>(const MlxRun&, const MlxCache&, const MlxMoment&);
template Traced mlx_cache_bytes<Traced>(const MlxRun&, const MlxCache&, const MlxMoment&);

} // namespace weighbridge
