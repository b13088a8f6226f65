#include "core/engines/engine.h"
#include "core/fields/fields.h"
#include "core/fields/method.h"
#include "core/quantity/display.h"
#include "ui/form/form_field.h"
#include "ui/form/training_options.h"
#include "ui/session/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct GroupText
{
    Q_DECLARE_TR_FUNCTIONS(FormGroups)
};

QString architectureSummary(const Session& session)
{
    const Model& model = *session.model();
    return GroupText::tr("%1 parameters · %2")
        .arg(toQt(parameters_text(model.parameters.total)), toQt(attention_summary(model.architecture)));
}

const MixtureOfExperts* expertsOf(const Session& session)
{
    for (const Layer& layer : session.model()->architecture.kinds)
        if (const auto* experts = first_of<MixtureOfExperts>(layer.feed_forwards))
            return experts;
    return nullptr;
}

QString expertsSummary(const Session& session)
{
    const MixtureOfExperts* experts = expertsOf(session);
    if (experts == nullptr)
        return GroupText::tr("dense");
    const QString routed =
        GroupText::tr("%1 of %2 experts").arg(experts->experts_per_token).arg(experts->routed_experts);
    return experts->shared_experts > 0 ? GroupText::tr("%1, %2 shared").arg(routed).arg(experts->shared_experts)
                                       : routed;
}

QString spanSummary(const Architecture& architecture)
{
    bool attends = false;
    for (const Layer& layer : architecture.kinds) {
        for (const Mixer& mixer : layer.mixers) {
            if (std::holds_alternative<LatentAttention>(mixer))
                return GroupText::tr("latent attention");
            if (const auto* compressed = std::get_if<CompressedAttention>(&mixer))
                return GroupText::tr("window of %1, compressed").arg(toQt(grouped(compressed->window)));
            const auto* attention = std::get_if<Attention>(&mixer);
            if (attention == nullptr)
                continue;
            attends = true;
            if (attention->span == AttentionSpan::sliding)
                return GroupText::tr("window of %1").arg(toQt(grouped(attention->window)));
            if (attention->span == AttentionSpan::chunked)
                return GroupText::tr("chunks of %1").arg(toQt(grouped(attention->window)));
        }
    }
    return attends ? GroupText::tr("full attention") : GroupText::tr("no attention");
}

bool splitsPrecision(const Session& session)
{
    return session.scenario().precision.kv_cache_k != session.scenario().precision.kv_cache_v;
}

QString attentionSummary(const Session& session)
{
    if (!session.scenario().inference.use_kv_cache)
        return GroupText::tr("no KV cache");
    return spanSummary(session.model()->architecture);
}

bool attentionIsSpecial(const Session& session)
{
    return countsAsNotebook(session) || !session.scenario().inference.use_kv_cache || splitsPrecision(session);
}

/// Calls with every option of the engine that is chosen.
template<class Visit>
void forEachOption(const Session& session, const Visit& visit)
{
    for (const ScenarioField& field : scenario_fields())
        if (!field.engines.empty() && is_read(session.scenario(), field))
            visit(field);
}

std::int64_t engineOptionsSet(const Session& session)
{
    std::int64_t set = 0;
    forEachOption(session, [&](const ScenarioField& field) { set += is_default(session.scenario(), field) ? 0 : 1; });
    return set;
}

QString engineTitle(const Session& session)
{
    const Engine* engine = engineOf(session);
    return engine == nullptr ? GroupText::tr("Engine options")
                             : GroupText::tr("Options of %1").arg(toQt(std::string(engine->name)));
}

QString engineSummary(const Session& session)
{
    const std::int64_t set = engineOptionsSet(session);
    return set == 0 ? GroupText::tr("all at their defaults") : GroupText::tr("%1 set").arg(set);
}

/// Parts of a layout, by the short names that engines' flags have.
struct LayoutPart
{
    std::string_view key;
    const char* name;
};

constexpr std::array layoutParts = {
    LayoutPart{"hardware.tensor_parallel", "TP %1"},  LayoutPart{"hardware.pipeline_parallel", "PP %1"},
    LayoutPart{"hardware.data_parallel", "DP %1"},    LayoutPart{"hardware.expert_parallel", "EP %1"},
    LayoutPart{"hardware.context_parallel", "CP %1"},
};

/// As it is used: what nobody chose is worked out.
QString layoutSummary(const Session& session)
{
    const EstimatePointer& estimate = session.state().estimate;
    const Scenario& used = estimate ? estimate->scenario : session.scenario();
    const Engine* engine = engineOf(session);
    if (!trains(session) && engine != nullptr && engine->splits_layers)
        return GroupText::tr("layers over %1").arg(used.hardware.pipeline_parallel);
    QStringList parts;
    for (const LayoutPart& part : layoutParts)
        if (const QString ranks = toQt(field_text(used, *field_named(part.key))); !ranks.isEmpty() && ranks != "1"_L1)
            parts << QString(QLatin1StringView(part.name)).arg(ranks);
    return parts.isEmpty() ? GroupText::tr("one GPU") : parts.join(u" · "_s);
}

/// A size that somebody typed is in sight.
bool layoutIsChosen(const Session& session)
{
    return std::any_of(layoutParts.begin(), layoutParts.end(), [&](const LayoutPart& part) {
        return is_chosen(session.scenario(), *field_named(part.key)) &&
               field_text(session.scenario(), *field_named(part.key)) != "1";
    });
}

QString assumptionsSummary(const Session& session)
{
    const InferenceChoice& inference = session.scenario().inference;
    if (inference.parameters)
        return GroupText::tr("%1 parameters by hand").arg(toQt(parameters_text(*inference.parameters)));
    if (inference.overhead_fraction)
        return GroupText::tr("overhead %1 of weights").arg(toQt(percent_text(*inference.overhead_fraction)));
    return GroupText::tr("overhead %1").arg(toQt(in_fitting_unit({inference.overhead_bytes}, session.state().unit)));
}

/// "prompt 7,680, answer 512": what the speed is of.
QString trafficSummary(const Session& session)
{
    const EstimatePointer& estimate = session.state().estimate;
    if (!estimate || estimate->training || !estimate->scenario.workload.answer_tokens)
        return GroupText::tr("defaults");
    const WorkloadChoice& workload = estimate->scenario.workload;
    return GroupText::tr("prompt %1, answer %2")
        .arg(toQt(grouped(workload.prompt_tokens.value_or(0))), toQt(grouped(*workload.answer_tokens)));
}

bool trafficIsSet(const Session& session)
{
    const Scenario& scenario = session.scenario();
    return scenario.training() == nullptr && std::ranges::any_of(scenario_fields(), [&](const ScenarioField& field) {
               return isTraffic(field) && !is_default(scenario, field);
           });
}

QString hubSummary(const Session&)
{
    return GroupText::tr("revision, token");
}

} // namespace

bool countsAsNotebook(const Session& session)
{
    return counting_method(session.scenario()) == "notebook";
}

std::vector<FormGroup> formGroups()
{
    std::vector<FormGroup> groups = {
        {FieldGroup::model, {}},
        {FieldGroup::workload, {}},
        {FieldGroup::machine, {}},
        {FieldGroup::precision, {}},
        {FieldGroup::layout, GroupText::tr("Layout"), true, layoutSummary, layoutIsChosen},
        {FieldGroup::traffic, GroupText::tr("Traffic and targets"), true, trafficSummary, trafficIsSet},
        {FieldGroup::engine, GroupText::tr("Engine options"), true, engineSummary,
         [](const Session& session) { return engineOptionsSet(session) > 0; }, engineTitle},
        {FieldGroup::assumptions, GroupText::tr("Activations and overhead"), true, assumptionsSummary,
         countsAsNotebook},
        {FieldGroup::architecture, GroupText::tr("Architecture"), true, architectureSummary},
        {FieldGroup::experts, GroupText::tr("Mixture of experts"), true, expertsSummary},
        {FieldGroup::attention, GroupText::tr("Attention and cache"), true, attentionSummary, attentionIsSpecial},
        {FieldGroup::hubAccess, GroupText::tr("Hub access"), true, hubSummary},
    };
    for (FormGroup& group : trainingGroups()) {
        // What everybody sets stands before the machine, what has a default behind the formats.
        const FieldGroup next = group.title.isEmpty() ? FieldGroup::machine : FieldGroup::engine;
        const auto place =
            std::find_if(groups.begin(), groups.end(), [&](const FormGroup& other) { return other.group == next; });
        groups.insert(place, std::move(group));
    }
    return groups;
}

} // namespace weighbridge
