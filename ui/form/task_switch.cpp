#include "ui/form/task_switch.h"

#include "ui/session/session.h"
#include "ui/session/text.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

/// As scenarios spell them, in the order of the choices.
constexpr std::array<std::string_view, 3> tasks = {"inference", "fine_tune", "train"};

} // namespace

TaskSwitch::TaskSwitch(Session& session, QWidget* parent)
    : SegmentedControl({tr("Inference"), tr("Fine-tune"), tr("Train")}, parent), session_(session)
{
    setObjectName(QStringLiteral("task"));
    setAccessibleName(tr("Task"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    follow();
    connect(this, &SegmentedControl::currentIndexChanged, this, [this](int index) {
        session_.setField(QStringLiteral("task"), toQt(tasks.at(static_cast<std::size_t>(index))), tr("task"));
    });
    connect(&session_, &Session::changed, this, &TaskSwitch::follow);
}

/// Files, undo and the last session choose a task too.
void TaskSwitch::follow()
{
    const auto* task = std::find(tasks.begin(), tasks.end(), session_.scenario().task);
    if (task != tasks.end())
        setCurrentIndex(static_cast<int>(task - tasks.begin()));
}

QString TaskSwitch::partToolTip(std::size_t part) const
{
    switch (part) {
    case 0:
        return tr("What serving the model needs");
    case 1:
        return tr("What fine-tuning needs: adapters beside a frozen network, or every parameter");
    default:
        return tr("What a training step needs");
    }
}

QSize TaskSwitch::minimumSizeHint() const
{
    int widest = 0;
    for (const QString& choice : choices())
        widest = std::max(widest, fontMetrics().horizontalAdvance(choice));
    return {(widest + 12) * static_cast<int>(partCount()), sizeHint().height()};
}

} // namespace weighbridge
