#include "core/estimate/question_support.h"

#include "core/engines/engine.h"
#include "core/engines/inference.h"
#include "core/estimate/estimate.h"
#include "core/training/training.h"

namespace weighbridge {

namespace {

std::optional<NumberFormat> named(std::string_view id, FormatUse use)
{
    auto found = find_format(id, use);
    return found ? std::optional(std::move(*found)) : std::nullopt;
}

const NumberFormat* pointer_to(const std::optional<NumberFormat>& format)
{
    return format ? &*format : nullptr;
}

} // namespace

/// Of fine-tuning, how the network is stored; training from the start takes no weights from anywhere.
QuestionSupport::QuestionSupport(const Question& question)
{
    const Scenario& scenario = question.scenario;
    query_.model = question.model.get();
    if (scenario.training() != nullptr) {
        const auto inputs = training_inputs(scenario, *question.model, &question.accelerator);
        if (!inputs)
            return;
        query_.engine = inputs->framework->id;
        query_.name = inputs->framework->label;
        if (inputs->frozen_base)
            weights_ = inputs->base;
    } else if (const Engine* engine = find_engine(scenario.inference.engine)) {
        query_.engine = engine->id;
        query_.name = engine->name;
        query_.version = scenario.inference.engine_version;
        weights_ = named(weights_in_use(scenario.precision, *question.model), FormatUse::weights);
        const CacheFormats cache = cache_formats(*engine, scenario.precision);
        kv_k_ = named(cache.k, FormatUse::kv_cache);
        kv_v_ = named(cache.v, FormatUse::kv_cache);
    }
    if (weights_ && weights_->id == checkpoint_format && question.model->published)
        weights_->label = question.model->published->label;
}

Support QuestionSupport::on(const Accelerator& accelerator) const
{
    SupportQuery query = query_;
    query.accelerator = &accelerator;
    query.weights = pointer_to(weights_);
    query.kv_k = pointer_to(kv_k_);
    query.kv_v = pointer_to(kv_v_);
    return support_of(query);
}

} // namespace weighbridge
