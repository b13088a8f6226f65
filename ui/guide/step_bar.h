#pragma once

#include "core/answers/decisions.h"
#include "ui/charts/parts_widget.h"

#include <QString>

#include <array>

namespace weighbridge {

/// The steps side by side with what each has decided; the one in sight is marked. Enter, Space or a click goes to one.
class StepBar : public PartsWidget
{
    Q_OBJECT

public:
    static constexpr std::size_t steps = 4;

    explicit StepBar(QWidget* parent = nullptr);

    std::size_t step() const { return step_; }
    void setStep(std::size_t step);
    /// An empty summary: not decided yet.
    void setSummary(std::size_t step, const QString& summary);
    const QString& summary(std::size_t step) const { return summaries_.at(step); }

    std::size_t partCount() const override { return steps; }
    QString partName(std::size_t part) const override;
    QString partToolTip(std::size_t part) const override;
    QRectF partRect(std::size_t part) const override;
    bool partSelected(std::size_t part) const override { return part == step_; }
    void activatePart(std::size_t part) override;
    QAccessible::Role widgetRole() const override { return QAccessible::PageTabList; }
    QAccessible::Role partRole() const override { return QAccessible::PageTab; }
    bool partsActivate() const override { return true; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void stepChosen(std::size_t step);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintPart(QPainter& painter, std::size_t part) const;
    void paintMark(QPainter& painter, const QRectF& circle, std::size_t part) const;

    std::array<QString, steps> summaries_;
    std::size_t step_ = 0;
};

} // namespace weighbridge
