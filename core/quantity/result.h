#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace weighbridge {

/// What went wrong, in words for the person who caused or met it.
/// `field` is the dotted key or file name it is about ("hardware.tensor_parallel", "num_attention_heads"), or empty.
/// `message` names the value and what is allowed: "tensor_parallel is 3; it must divide the 32 attention heads".
struct Error
{
    std::string field;
    std::string message;

    bool operator==(const Error&) const = default;
};

/// A value, or the reason why there is none. The core's only way of failing: no exception crosses its API.
template<class T>
class [[nodiscard]] Result
{
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return state_.index() == 0; }

    T& operator*() { return std::get<0>(state_); }
    const T& operator*() const { return std::get<0>(state_); }
    T* operator->() { return &std::get<0>(state_); }
    const T* operator->() const { return &std::get<0>(state_); }

    const Error& error() const { return std::get<1>(state_); }

private:
    std::variant<T, Error> state_;
};

/// For operations that only succeed or fail.
using Outcome = std::optional<Error>;

} // namespace weighbridge
