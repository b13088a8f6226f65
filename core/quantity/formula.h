#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace weighbridge {

/// A formula as people read it, twice: with symbols ("2 · L · k · d · s · b · B_kv / tp") and with the numbers put in
/// ("2 × 80 × 8 × 128 × 32,768 × 12 × 2 / 4"). The numbers line evaluates to the value it explains, once its thousands
/// separators are taken out and "×" is read as "*"; it holds no units and no function calls.
struct Formula
{
    std::string symbols;
    std::string numbers;

    bool operator==(const Formula&) const = default;
};

/// A number that remembers how it was computed. Formulas are templates over the number type: `double` for speed,
/// `Traced` to explain, so that value and text come from one expression and can't drift apart.
class Traced
{
public:
    /// How tightly the outermost operation binds; decides where parentheses are needed.
    enum class Binding
    {
        sum,
        product,
        atom
    };

    Traced() = default;
    Traced(double value, Formula text, Binding binding) : value_(value), text_(std::move(text)), binding_(binding) {}

    double value() const { return value_; }
    const Formula& formula() const& { return text_; }
    Formula&& formula() && { return std::move(text_); }

    friend Traced operator+(const Traced& a, const Traced& b);
    friend Traced operator-(const Traced& a, const Traced& b);
    friend Traced operator*(const Traced& a, const Traced& b);
    friend Traced operator/(const Traced& a, const Traced& b);

    /// The smaller one; the numbers line shows the one that was taken.
    friend Traced smaller_of(const Traced& a, const Traced& b);
    friend Traced larger_of(const Traced& a, const Traced& b);
    /// a / b rounded up to a whole number; the numbers line shows the result.
    friend Traced divided_up(const Traced& a, const Traced& b);

private:
    double value_ = 0;
    Formula text_;
    Binding binding_ = Binding::atom;
};

inline double smaller_of(double a, double b)
{
    return std::min(a, b);
}
inline double larger_of(double a, double b)
{
    return std::max(a, b);
}
inline double divided_up(double a, double b)
{
    return std::ceil(a / b);
}

/// A number as formulas show it: digits grouped by commas, fractions in full ("32,768", "0.53125"). Round-trips.
std::string formula_number(double value);

/// An input of a formula: `symbol` in the symbols line, its value in the numbers line. A symbol of several factors
/// ("a·d") stands as it is; one that is a sum ("r_kv + d_rope") is put in parentheses.
template<class Number>
Number named(std::string_view symbol, double value);

template<>
inline double named<double>(std::string_view, double value)
{
    return value;
}
template<>
Traced named<Traced>(std::string_view symbol, double value);

/// A number that stands for itself in both lines.
template<class Number>
Number constant(double value);

template<>
inline double constant<double>(double value)
{
    return value;
}
template<>
Traced constant<Traced>(double value);

inline double value_of(double number)
{
    return number;
}
inline double value_of(const Traced& number)
{
    return number.value();
}

inline Formula formula_of(double)
{
    return {};
}
inline Formula formula_of(Traced number)
{
    return std::move(number).formula();
}

} // namespace weighbridge
