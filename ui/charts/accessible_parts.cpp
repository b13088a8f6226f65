#include "ui/charts/accessible_parts.h"

#include "ui/charts/parts_widget.h"

#include <QAccessibleWidget>
#include <QPointer>

#include <vector>

namespace weighbridge {

namespace {

/// One part: not an object of its own, so it is described by its widget and its number.
class AccessiblePart : public QAccessibleInterface, public QAccessibleActionInterface
{
public:
    AccessiblePart(PartsWidget* widget, std::size_t part) : widget_(widget), part_(part) {}

    bool isValid() const override { return widget_ && part_ < widget_->partCount(); }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(widget_.data()); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessible::Role role() const override { return isValid() ? widget_->partRole() : QAccessible::NoRole; }

    QString text(QAccessible::Text what) const override
    {
        if (!isValid())
            return {};
        if (what == QAccessible::Name)
            return widget_->partName(part_);
        if (what == QAccessible::Description)
            return widget_->partToolTip(part_);
        return {};
    }

    void setText(QAccessible::Text, const QString&) override {}

    QRect rect() const override
    {
        if (!isValid())
            return {};
        const QRect local = widget_->partRect(part_).toAlignedRect();
        return {widget_->mapToGlobal(local.topLeft()), local.size()};
    }

    QAccessible::State state() const override
    {
        QAccessible::State state;
        if (!isValid()) {
            state.invalid = true;
            return state;
        }
        state.focusable = true;
        state.selectable = widget_->partsActivate();
        state.checkable = widget_->partRole() == QAccessible::RadioButton;
        state.selected = widget_->partSelected(part_);
        state.checked = state.checkable && state.selected;
        state.focused = widget_->hasFocus() && widget_->currentPart() == part_;
        state.invisible = !widget_->isVisible();
        return state;
    }

    void* interface_cast(QAccessible::InterfaceType type) override
    {
        if (type == QAccessible::ActionInterface && isValid() && widget_->partsActivate())
            return static_cast<QAccessibleActionInterface*>(this);
        return nullptr;
    }

    QStringList actionNames() const override { return {pressAction(), setFocusAction()}; }
    QStringList keyBindingsForAction(const QString&) const override { return {}; }

    void doAction(const QString& action) override
    {
        if (!isValid())
            return;
        if (action == setFocusAction())
            widget_->setFocus();
        widget_->setCurrentPart(part_);
        if (action == pressAction())
            widget_->activatePart(part_);
    }

private:
    QPointer<PartsWidget> widget_;
    std::size_t part_;
};

class AccessibleParts : public QAccessibleWidget
{
public:
    explicit AccessibleParts(PartsWidget* widget) : QAccessibleWidget(widget, widget->widgetRole()) {}

    ~AccessibleParts() override
    {
        for (const QAccessible::Id id : ids_)
            QAccessible::deleteAccessibleInterface(id);
    }

    QAccessible::Role role() const override { return parts().widgetRole(); }
    int childCount() const override { return static_cast<int>(parts().partCount()); }

    QAccessibleInterface* child(int index) const override
    {
        if (index < 0 || index >= childCount())
            return nullptr;
        while (static_cast<int>(ids_.size()) <= index) {
            auto* part = new AccessiblePart(&parts(), ids_.size());
            // Qt's cache owns it from here on. NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks)
            ids_.push_back(QAccessible::registerAccessibleInterface(part));
        }
        return QAccessible::accessibleInterface(ids_[static_cast<std::size_t>(index)]);
    }

    int indexOfChild(const QAccessibleInterface* child) const override
    {
        for (std::size_t i = 0; i < ids_.size(); ++i)
            if (QAccessible::accessibleInterface(ids_[i]) == child)
                return static_cast<int>(i);
        return -1;
    }

    QAccessibleInterface* childAt(int x, int y) const override
    {
        const auto part = parts().partAt(parts().mapFromGlobal(QPoint(x, y)));
        return part ? child(static_cast<int>(*part)) : nullptr;
    }

    QAccessibleInterface* focusChild() const override
    {
        const auto part = parts().currentPart();
        if (!parts().hasFocus() || !part)
            return QAccessibleWidget::focusChild();
        return child(static_cast<int>(*part));
    }

private:
    PartsWidget& parts() const { return *static_cast<PartsWidget*>(widget()); } // NOLINT: the constructor took one

    mutable std::vector<QAccessible::Id> ids_; ///< made when first asked for
};

QAccessibleInterface* makeAccessible(const QString&, QObject* object)
{
    if (auto* widget = qobject_cast<PartsWidget*>(object))
        return new AccessibleParts(widget);
    return nullptr;
}

} // namespace

void installAccessibleParts()
{
    QAccessible::installFactory(&makeAccessible); // Qt keeps each factory once
}

} // namespace weighbridge
