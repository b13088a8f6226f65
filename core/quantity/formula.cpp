#include "core/quantity/formula.h"

#include <array>
#include <charconv>

namespace weighbridge {

namespace {

std::string_view without_sign(std::string_view digits)
{
    return digits.starts_with('-') ? digits.substr(1) : digits;
}

std::string wrapped(const std::string& text, bool wrap)
{
    return wrap ? "(" + text + ")" : text;
}

/// `a OP b` in both lines; a side is wrapped where it binds less tightly than the operation asks.
Formula joined(const Formula& a, bool wrap_a, std::string_view symbol, std::string_view sign, const Formula& b,
               bool wrap_b)
{
    const auto line = [&](const std::string& left, std::string_view op, const std::string& right) {
        std::string text;
        text.reserve(left.size() + right.size() + op.size() + 4);
        text += wrapped(left, wrap_a);
        text += op;
        text += wrapped(right, wrap_b);
        return text;
    };
    return {line(a.symbols, symbol, b.symbols), line(a.numbers, sign, b.numbers)};
}

/// Whether a symbol is a sum of its own, outside parentheses: "r_kv + d_rope", but not "a·(d_nope + d_rope)".
bool is_sum(std::string_view symbol)
{
    int depth = 0;
    for (const char c : symbol) {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth == 0 && c == '+')
            return true;
    }
    return false;
}

} // namespace

std::string formula_number(double value)
{
    std::array<char, 400> buffer;
    const auto [end, status] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
    if (status != std::errc{})
        return "?";
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::string_view digits = without_sign(text);
    const std::size_t whole = std::min(digits.find('.'), digits.size());

    std::string grouped(text.substr(0, text.size() - digits.size()));
    for (std::size_t i = 0; i < whole; ++i) {
        if (i != 0 && (whole - i) % 3 == 0)
            grouped += ',';
        grouped += digits[i];
    }
    grouped += digits.substr(whole);
    return grouped;
}

Traced operator+(const Traced& a, const Traced& b)
{
    return {a.value_ + b.value_, joined(a.text_, false, " + ", " + ", b.text_, false), Traced::Binding::sum};
}

Traced operator-(const Traced& a, const Traced& b)
{
    return {a.value_ - b.value_, joined(a.text_, false, " − ", " - ", b.text_, b.binding_ == Traced::Binding::sum),
            Traced::Binding::sum};
}

Traced operator*(const Traced& a, const Traced& b)
{
    return {
        a.value_ * b.value_,
        joined(a.text_, a.binding_ == Traced::Binding::sum, " · ", " × ", b.text_, b.binding_ == Traced::Binding::sum),
        Traced::Binding::product};
}

Traced operator/(const Traced& a, const Traced& b)
{
    return {
        a.value_ / b.value_,
        joined(a.text_, a.binding_ == Traced::Binding::sum, " / ", " / ", b.text_, b.binding_ != Traced::Binding::atom),
        Traced::Binding::product};
}

Traced smaller_of(const Traced& a, const Traced& b)
{
    const Traced& taken = a.value_ <= b.value_ ? a : b;
    return {taken.value_,
            {"min(" + a.text_.symbols + ", " + b.text_.symbols + ")", formula_number(taken.value_)},
            Traced::Binding::atom};
}

Traced larger_of(const Traced& a, const Traced& b)
{
    const Traced& taken = a.value_ >= b.value_ ? a : b;
    return {taken.value_,
            {"max(" + a.text_.symbols + ", " + b.text_.symbols + ")", formula_number(taken.value_)},
            Traced::Binding::atom};
}

Traced divided_up(const Traced& a, const Traced& b)
{
    const double value = std::ceil(a.value_ / b.value_);
    return {value,
            {"⌈" + a.text_.symbols + " / " + wrapped(b.text_.symbols, b.binding_ != Traced::Binding::atom) + "⌉",
             formula_number(value)},
            Traced::Binding::atom};
}

template<>
Traced named<Traced>(std::string_view symbol, double value)
{
    return {value, {wrapped(std::string(symbol), is_sum(symbol)), formula_number(value)}, Traced::Binding::atom};
}

template<>
Traced constant<Traced>(double value)
{
    const std::string text = formula_number(value);
    return {value, {text, text}, Traced::Binding::atom};
}

} // namespace weighbridge
