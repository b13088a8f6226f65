#include "core/training/book_rules.h"

#include <algorithm>

namespace weighbridge {

namespace {

constexpr std::string_view book_source = "book appendix, B.8 and B.9";

template<class Number>
Number parameters(const BookRules& rules, double bytes)
{
    return named<Number>("P", rules.parameters) * named<Number>("B", bytes);
}

Term book_term(std::string_view id, std::string_view label, Traced bytes, Basis basis)
{
    Term term = make_term(id, label, std::move(bytes), basis);
    term.source = book_source;
    return term;
}

} // namespace

double book_bytes_per_parameter(const BookRules& rules)
{
    if (rules.lora_fraction > 0)
        return 2 * rules.weight_bytes + (rules.second_moment ? 8 : 4);
    return rules.second_moment || rules.fp32 ? 16 : 12;
}

template<class Number>
Number book_weights_and_states(const BookRules& rules)
{
    if (rules.lora_fraction > 0)
        return parameters<Number>(rules, rules.weight_bytes);
    return parameters<Number>(rules, book_bytes_per_parameter(rules));
}

/// The adapters are counted in 16 bits whatever the base is stored in: 12 bytes each, as in B.9.
template<class Number>
Number book_lora(const BookRules& rules)
{
    constexpr double adapter_bytes = 2;
    BookRules adapters = rules;
    adapters.weight_bytes = adapter_bytes;
    return named<Number>("P", rules.parameters) * named<Number>("f_lora", rules.lora_fraction) *
           named<Number>("B", book_bytes_per_parameter(adapters));
}

template<class Number>
Number book_activations(const BookRules& rules)
{
    constexpr double per_hidden = 34;
    constexpr double recomputed = 0.35;
    constexpr double cap = 0.6;
    constexpr double gibi_per_giga = 1.073741824;
    const Number bytes = constant<Number>(per_hidden) * named<Number>("h", rules.hidden_size) *
                         named<Number>("s", rules.sequence_length) * named<Number>("L", rules.layers) *
                         constant<Number>(2) * named<Number>("b", rules.batch_size) *
                         constant<Number>(rules.recompute ? recomputed : 1);
    Number most = book_weights_and_states<Number>(rules);
    if (rules.lora_fraction > 0)
        most = most + book_lora<Number>(rules);
    return smaller_of(bytes, constant<Number>(cap) * most * constant<Number>(gibi_per_giga));
}

template double book_weights_and_states<double>(const BookRules&);
template double book_lora<double>(const BookRules&);
template double book_activations<double>(const BookRules&);

BookRules book_rules_of(const TrainingInputs& in)
{
    BookRules rules;
    rules.parameters = static_cast<double>(in.model->parameters.total);
    rules.hidden_size = static_cast<double>(in.model->architecture.hidden_size);
    rules.layers = static_cast<double>(in.model->architecture.layers());
    rules.sequence_length = static_cast<double>(in.sequence_length);
    rules.batch_size = static_cast<double>(in.choice->micro_batch_size);
    rules.fp32 = in.recipe.id == "fp32";
    rules.second_moment = in.optimizer->id != "sgd" && in.optimizer->id != "sgd_momentum";
    rules.recompute = in.recompute.kind != Recompute::none;
    if (!in.frozen_base)
        return rules;
    constexpr double usual_fraction = 0.01;
    rules.lora_fraction = in.choice->lora_fraction.value_or(usual_fraction);
    rules.weight_bytes = in.choice->method == "qlora" ? 0.5 : in.base.bits / 8;
    return rules;
}

std::vector<Term> book_terms(const BookRules& rules)
{
    std::vector<Term> terms;
    if (rules.lora_fraction > 0) {
        terms.push_back(book_term("weights", "Frozen weights", book_weights_and_states<Traced>(rules), Basis::assumed));
        terms.push_back(
            book_term("adapters", "Adapters with gradients and states", book_lora<Traced>(rules), Basis::assumed));
    } else {
        const double weights = rules.fp32 ? 4 : 2;
        terms.push_back(book_term("weights", "Weights", parameters<Traced>(rules, weights), Basis::assumed));
        terms.push_back(book_term("gradients", "Gradients", parameters<Traced>(rules, weights), Basis::assumed));
        terms.push_back(book_term("optimizer", "Optimizer and master weights",
                                  parameters<Traced>(rules, book_bytes_per_parameter(rules) - 2 * weights),
                                  Basis::assumed));
    }
    terms.push_back(book_term("activations", "Activations", book_activations<Traced>(rules), Basis::assumed));
    return terms;
}

} // namespace weighbridge
