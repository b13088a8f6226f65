#include "core/training/moment_terms.h"

#include "core/training/moment_builder.h"
#include "core/training/pipeline.h"

#include <cmath>

namespace weighbridge {

Term sum_of_terms(std::string_view id, std::string_view label, std::vector<Term> children, Basis basis)
{
    Term term;
    term.id = id;
    term.label = label;
    term.basis = basis;
    for (const Term& child : children) {
        term.bytes += child.bytes;
        term.low += child.low;
        term.high += child.high;
        if (!child.formula.symbols.empty()) {
            term.formula.symbols += (term.formula.symbols.empty() ? "" : " + ") + child.formula.symbols;
            term.formula.numbers += (term.formula.numbers.empty() ? "" : " + ") + child.formula.numbers;
        }
    }
    term.children = std::move(children);
    return term;
}

void spread_term(Term& term, double below, double above)
{
    set_range(term, 1 - below, 1 + above);
    widen_parts(term);
}

template<class Number>
std::vector<Term> MomentBuilder<Number>::terms()
{
    std::vector<Term> list;
    const auto keep = [&](Term term, bool even_if_none = false) {
        if (term.bytes.count == 0 && even_if_none)
            term.formula = {"0", "0"};
        if (term.bytes.count > 0 || even_if_none)
            list.push_back(std::move(term));
    };
    keep(weights());
    keep(adapters());
    keep(colocated());
    if (moment_ != MomentKind::load) {
        const bool on_host = in_.offload_optimizer && !in_.offload_parameters;
        keep(gradient_term(), on_host);
        keep(optimizer(), on_host);
        keep(activations());
        keep(logits());
    }
    return list;
}

StageState stage_state(const TrainingInputs& in, const Model& model, std::int64_t index, bool last)
{
    StageState state{.inputs = &in,
                     .model = &model,
                     .last = last,
                     .first = index == 0,
                     .in_flight = micro_batches_in_flight(in, index)};
    state.trained = trained_tensors(in, model);
    state.gathered = gathered_weights(in, model);
    return state;
}

void for_each_stage(const TrainingInputs& in,
                    const std::function<void(const TrainingInputs&, const Model&, std::int64_t, bool)>& look)
{
    if (!in.stages) {
        look(in, *in.model, 0, true);
        return;
    }
    TrainingInputs part = in;
    for (std::size_t index = 0; index < in.stages->size(); ++index) {
        const PipelineStage& stage = (*in.stages)[index];
        part.base.column = stage.column;
        look(part, *stage.model, static_cast<std::int64_t>(index), stage.last);
    }
}

Bytes total_of(const std::vector<Term>& terms)
{
    Bytes total;
    for (const Term& term : terms)
        total += term.bytes;
    return total;
}

template<class Number>
std::vector<Term> point_terms(const StageState& stage, const StepPoint& point)
{
    return MomentBuilder<Number>(stage, point).terms();
}

template<class Number>
std::vector<Term> moment_terms(const StageState& stage, MomentKind moment)
{
    std::vector<StepPoint> points = step_points(stage);
    std::erase_if(points, [&](const StepPoint& point) { return point.moment != moment || !point.decides; });
    const StepPoint* largest = nullptr;
    Bytes most;
    for (const StepPoint& point : points) {
        const Bytes total = points.size() == 1 ? Bytes{} : total_of(point_terms<double>(stage, point));
        if (total >= most) {
            most = total;
            largest = &point;
        }
    }
    return largest == nullptr ? std::vector<Term>() : point_terms<Number>(stage, *largest);
}

template std::vector<Term> point_terms<double>(const StageState&, const StepPoint&);
template std::vector<Term> point_terms<Traced>(const StageState&, const StepPoint&);
template std::vector<Term> moment_terms<double>(const StageState&, MomentKind);
template std::vector<Term> moment_terms<Traced>(const StageState&, MomentKind);

} // namespace weighbridge
