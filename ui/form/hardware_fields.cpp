#include "ui/form/hardware_fields.h"

#include "core/engines/engine.h"
#include "core/fields/fields.h"
#include "core/quantity/display.h"
#include "ui/form/option_value.h"
#include "ui/session/text.h"

#include <QCoreApplication>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct HardwareText
{
    Q_DECLARE_TR_FUNCTIONS(HardwareText)
};

FormField rowIn(FieldGroup group, std::string_view key)
{
    FormField field = optionRow(key);
    field.group = group;
    return field;
}

FormField machineRow(std::string_view key)
{
    return rowIn(FieldGroup::machine, key);
}

FormField layoutRow(std::string_view key)
{
    return rowIn(FieldGroup::layout, key);
}

/// Sizes that the engine has no use for stay in sight while they are other than 1, so that they can be set back.
bool showsPipelines(const Session& session)
{
    const Engine* engine = engineOf(session);
    return trains(session) || (engine != nullptr && engine->pipelines) ||
           session.scenario().hardware.pipeline_parallel != 1;
}

bool showsData(const Session& session)
{
    const Engine* engine = engineOf(session);
    return trains(session) || (engine != nullptr && engine->replicates) ||
           session.scenario().hardware.data_parallel != 1;
}

bool showsExperts(const Session& session)
{
    const Engine* engine = engineOf(session);
    return trains(session) || (engine != nullptr && engine->replicates) ||
           session.scenario().hardware.expert_parallel != 1;
}

bool runsStages(const Session& session)
{
    return session.scenario().hardware.pipeline_parallel != 1;
}

bool sharesLayers(const Session& session)
{
    return session.scenario().hardware.tensor_parallel != 1;
}

bool listsDevices(const Session& session)
{
    return !session.scenario().hardware.devices.empty();
}

bool isOfOneKind(const Session& session)
{
    return !listsDevices(session);
}

bool knowsHost(const Session& session)
{
    return session.scenario().hardware.host != HostChoice{};
}

/// Memory that the GPU shares with the host is the GPU's.
bool hasOwnHostMemory(const Session& session)
{
    return knowsHost(session) || !session.state().estimate || !session.state().estimate->accelerator.unified_memory;
}

bool usesCustomAccelerator(const Session& session)
{
    return isOfOneKind(session) && session.scenario().hardware.accelerator == "custom";
}

QString capacitySuffix(const Session& session)
{
    if (listsDevices(session))
        return {}; // each has its own
    return HardwareText::tr("of %1").arg(toQt(in_unit(session.accelerator().capacity, session.state().unit, 1)));
}

QString usablePlaceholder(const Session& session)
{
    return toQt(percent_text(usable_share(session.scenario().hardware, session.accelerator())));
}

/// An engine with a share of its own reads no other; one that somebody set stays in sight, with the remark on it.
bool readsUsableShare(const Session& session)
{
    const Scenario& scenario = session.scenario();
    const Engine* engine = engineOf(session);
    return trains(session) || engine == nullptr || engine->memory_share_key.empty() ||
           scenario.hardware.usable_fraction;
}

/// Macs have one; what was typed for another stays in sight, with the remark on it.
bool hasWiredLimit(const Session& session)
{
    return session.accelerator().platform == "metal" || session.scenario().hardware.wired_limit_mb;
}

QString gpusSuffix(const Session& session)
{
    return session.scenario().hardware.tensor_parallel == 1 ? HardwareText::tr("GPU") : HardwareText::tr("GPUs");
}

/// Whether that key of the layout is worked out over the GPUs at hand, since nobody chose it.
bool isWorkedOut(const Session& session, std::string_view key)
{
    const HardwareChoice& hardware = session.scenario().hardware;
    const bool isAuto = hardware.layout ? *hardware.layout == "auto" : !hardware.devices.empty();
    return isAuto && !is_chosen(session.scenario(), *field_named(key));
}

/// A part of the layout: what is worked out stands in it pale, and is fixed by typing.
void showWorkedOut(FormField& field)
{
    const std::string key = fromQt(field.key);
    field.inUse = [key](const Session& session) {
        return isWorkedOut(session, key) ? QString() : session.fieldText(toQt(key));
    };
    field.placeholder = [key](const Session& session) {
        const bool known = isWorkedOut(session, key) && session.state().estimate;
        return known ? toQt(field_text(session.state().estimate->scenario, *field_named(key))) : QString();
    };
}

void addParallel(std::vector<FormField>& fields)
{
    const auto add = [&](std::string_view key, bool (*visible)(const Session&)) {
        fields.push_back(layoutRow(key));
        fields.back().step = FieldStep::doubling;
        if (visible != nullptr)
            fields.back().visible = visible;
    };
    add("hardware.pipeline_parallel", showsPipelines);
    showWorkedOut(fields.back());
    add("hardware.data_parallel", showsData);
    showWorkedOut(fields.back());
    add("hardware.expert_parallel", showsExperts);
    add("hardware.context_parallel", nullptr);
    add("hardware.virtual_pipeline", runsStages);
    add("hardware.num_microbatches", runsStages);
    fields.push_back(layoutRow("hardware.sequence_parallel"));
    fields.back().visible = sharesLayers;
}

/// One field says how much of a GPU may be used: the engine's own share where it has one.
void addMemoryLimit(std::vector<FormField>& fields)
{
    const auto add = [&](std::string_view key) {
        if (std::any_of(fields.begin(), fields.end(), [&](const FormField& field) { return field.key == toQt(key); }))
            return;
        fields.push_back(rowIn(FieldGroup::precision, key));
        fields.back().kind = FieldKind::real;
        fields.back().step = FieldStep::tenth;
        fields.back().label = HardwareText::tr("Memory limit");
        fields.back().suffix = capacitySuffix;
    };
    for (const Engine* engine : engines())
        if (!engine->memory_share_key.empty())
            add(engine->memory_share_key);
    add("hardware.usable_fraction");
    fields.back().placeholder = usablePlaceholder;
    fields.back().visible = readsUsableShare;
    fields.push_back(rowIn(FieldGroup::precision, "hardware.wired_limit_mb"));
    fields.back().unit = u"MiB"_s;
    fields.back().visible = hasWiredLimit;
}

} // namespace

void addHardwareFields(std::vector<FormField>& fields)
{
    fields.push_back(machineRow("hardware.accelerator"));
    fields.back().kind = FieldKind::accelerator;
    fields.back().label = HardwareText::tr("GPUs");
    fields.push_back(machineRow("hardware.host.memory_gib"));
    fields.back().unit = u"GiB"_s;
    fields.back().visible = hasOwnHostMemory;
    fields.back().placeholder = [](const Session&) { return HardwareText::tr("not known"); };
    fields.push_back(machineRow("hardware.host.memory_in_use_gib"));
    fields.back().unit = u"GiB"_s;
    fields.back().visible = knowsHost;
    const auto custom = [&](const QString& key, FieldKind kind, const QString& label, const QString& unit,
                            const QString& help) {
        fields.push_back({.key = u"hardware.custom."_s + key,
                          .group = FieldGroup::machine,
                          .kind = kind,
                          .label = label,
                          .unit = unit,
                          .help = help,
                          .visible = usesCustomAccelerator});
    };
    custom(u"name"_s, FieldKind::text, HardwareText::tr("Name"), {}, HardwareText::tr("What to call it"));
    custom(u"memory"_s, FieldKind::real, HardwareText::tr("Memory"), u"GiB"_s,
           HardwareText::tr("What the driver reports"));
    custom(u"bandwidth"_s, FieldKind::real, HardwareText::tr("Bandwidth"), u"GB/s"_s,
           HardwareText::tr("Of the memory; empty: unknown"));
    custom(u"peak"_s, FieldKind::real, HardwareText::tr("Peak at 16 bit"), u"TFLOP/s"_s,
           HardwareText::tr("Dense, without sparsity; empty: unknown"));
    fields.push_back(layoutRow("hardware.tensor_parallel"));
    fields.back().unit = HardwareText::tr("GPUs");
    fields.back().step = FieldStep::doubling;
    fields.back().suffix = gpusSuffix;
    showWorkedOut(fields.back());
    addParallel(fields);
    addMemoryLimit(fields);
}

} // namespace weighbridge
