#include "ui/form/option_value.h"

#include "core/quantity/display.h"
#include "ui/session/text.h"
#include "ui/theme/text.h"

#include <QCoreApplication>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct ValueText
{
    Q_DECLARE_TR_FUNCTIONS(OptionValue)
};

/// How a choice that others make is spelled.
constexpr std::string_view leftOpen = "auto";

QString onOff(bool on)
{
    return on ? ValueText::tr("on") : ValueText::tr("off");
}

QList<FieldChoice> switchChoices()
{
    return {{QString(), ValueText::tr("Default"), {}},
            {u"true"_s, ValueText::tr("On"), {}},
            {u"false"_s, ValueText::tr("Off"), {}}};
}

/// Names as the core spells them; what leaves the choice open stands first, with what that comes to at its right.
QList<FieldChoice> namedChoices(const ScenarioField& option, bool list)
{
    QList<FieldChoice> choices;
    if (list)
        choices.append({QString(), ValueText::tr("none"), {}});
    else if (option.optional)
        choices.append({QString(), ValueText::tr("Default"), {}});
    for (const std::string_view choice : option.choices)
        choices.append({toQt(choice), choice == leftOpen ? ValueText::tr("Default") : toQt(choice), {}});
    return choices;
}

bool isLeftOpen(const ScenarioField& option)
{
    return std::find(option.choices.begin(), option.choices.end(), leftOpen) != option.choices.end();
}

/// "on", "16,384"; what is not filled in in the words of its row.
QString settledText(const Scenario& used, const ScenarioField& option)
{
    const QString text = toQt(field_text(used, option));
    if (text.isEmpty())
        return option.left_out.empty() ? ValueText::tr("not set") : coreText(option.left_out);
    if (text == "true"_L1 || text == "false"_L1)
        return onOff(text == "true"_L1);
    const auto count = parse_count(fromQt(text));
    return count && *count >= 1'000 ? toQt(grouped(*count)) : text;
}

/// What an option that is left open comes to: the estimate's scenario has all of them filled in, if it is of the same
/// task and engine.
QString filledIn(const Session& session, const ScenarioField& option)
{
    const EstimatePointer& estimate = session.state().estimate;
    const Scenario& scenario = session.scenario();
    if (!estimate || estimate->scenario.task != scenario.task ||
        estimate->scenario.inference.engine != scenario.inference.engine)
        return {};
    return settledText(estimate->scenario, option);
}

void describeWords(FormField& field, const ScenarioField& option)
{
    field.key = toQt(option.key);
    const QString name = toQt(option.name());
    const QString allowed = toQt(allowed_text(option));
    field.label = option.label.empty() ? name : coreText(option.label);
    field.symbol = toQt(option.symbol);
    field.help = ValueText::tr("%1 (%2: %3)").arg(coreText(option.help), name, allowed);
}

void describeValue(FormField& field, const ScenarioField& option)
{
    switch (option.kind) {
    case OptionKind::flag:
        field.kind = option.optional ? FieldKind::choice : FieldKind::flag;
        if (option.optional)
            field.choices = switchChoices;
        break;
    case OptionKind::real:
        field.kind = FieldKind::real;
        field.step = FieldStep::tenth;
        break;
    case OptionKind::whole:
        field.kind = FieldKind::count;
        field.countUnit = option.unit;
        // Where the name says bytes, the figure gets the room.
        field.unit =
            option.unit == CountUnit::bytes && !option.key.ends_with("_bytes") ? ValueText::tr("bytes") : QString();
        // Lengths and amounts are usually powers of two; layers, sequences and ranks are not.
        field.step = option.range.most >= most_tokens ? FieldStep::doubling : FieldStep::one;
        break;
    case OptionKind::numbers:
    case OptionKind::devices:
        field.kind = FieldKind::text;
        break;
    case OptionKind::text:
    case OptionKind::list:
    case OptionKind::pair: {
        // Of a list more than one may be meant: the choices are a help, not all there is.
        const bool list = option.kind != OptionKind::text;
        field.kind = option.choices.empty() ? FieldKind::text : list ? FieldKind::format : FieldKind::choice;
        field.choices = [&option, list] { return namedChoices(option, list); };
        break;
    }
    }
    if (!option.flag.empty())
        field.unit = coreText(option.flag);
    if (option.optional || isLeftOpen(option) || !option.left_out.empty())
        field.placeholder = [&option](const Session& session) { return filledIn(session, option); };
}

} // namespace

FormField optionRow(const ScenarioField& option)
{
    FormField field;
    describeWords(field, option);
    describeValue(field, option);
    return field;
}

FormField optionRow(std::string_view key)
{
    return optionRow(*field_named(key)); // a test builds every row of the form
}

} // namespace weighbridge
