#include "core/engines/engine.h"
#include "core/fields/fields.h"
#include "core/fields/method.h"
#include "core/quantity/display.h"
#include "ui/form/form_field.h"
#include "ui/form/training_options.h"
#include "ui/session/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <iterator>

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

bool hasExperts(const Session& session)
{
    return expertsOf(session) != nullptr;
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

QString engineSummary(const Session& session)
{
    const Engine* engine = find_engine(session.scenario().inference.engine);
    const QString name = engine == nullptr ? QString() : toQt(engine->name);
    const std::int64_t set = engineOptionsSet(session);
    return set == 0 ? GroupText::tr("%1, defaults").arg(name) : GroupText::tr("%1, %2 set").arg(name).arg(set);
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
        {FieldGroup::architecture, GroupText::tr("Architecture"), true, architectureSummary,
         [](const Session&) { return true; }},
        {FieldGroup::experts, GroupText::tr("Mixture of experts"), true, expertsSummary, hasExperts},
        {FieldGroup::attention, GroupText::tr("Attention and cache"), true, attentionSummary, attentionIsSpecial},
        {FieldGroup::precision, GroupText::tr("Precision")},
        {FieldGroup::workload, GroupText::tr("Workload")},
        {FieldGroup::engine, GroupText::tr("Engine options"), true, engineSummary,
         [](const Session& session) { return engineOptionsSet(session) > 0; }},
        {FieldGroup::assumptions, GroupText::tr("Assumptions"), true, assumptionsSummary, countsAsNotebook},
        {FieldGroup::hardware, GroupText::tr("Hardware")},
        {FieldGroup::hubAccess, GroupText::tr("Hub access"), true, hubSummary},
    };
    std::vector<FormGroup> training = trainingGroups();
    const auto engine = std::find_if(groups.begin(), groups.end(),
                                     [](const FormGroup& group) { return group.group == FieldGroup::engine; });
    groups.insert(engine, std::move_iterator(training.begin()), std::move_iterator(training.end()));
    return groups;
}

} // namespace weighbridge
