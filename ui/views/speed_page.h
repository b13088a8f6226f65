#pragma once

#include "core/answers/speed_curve.h"
#include "ui/views/page.h"

class QGridLayout;
class QLabel;
class QPushButton;

namespace weighbridge {

class Background;
class FigureTiles;
class RooflineView;
class SegmentedControl;
class SpeedChart;
class TableSheet;
class TimeBar;

/// How fast, and what bounds it: the figures with their ranges, where the time of a step goes, speed over the load, and
/// the roofline.
class SpeedPage : public Page
{
    Q_OBJECT

public:
    explicit SpeedPage(QWidget* parent = nullptr);

    void display(const ViewState& state) override;
    std::vector<Table> tables() const override;
    std::optional<WantedFile> file(const QString& ending) const override;
    /// What is drawn; null before the first answer, and where there is none.
    SpeedCurvePointer curve() const { return curve_; }

protected:
    void style() override;
    void arrange() override;
    void showEvent(QShowEvent* event) override;

private:
    TableSheet* buildParts(QWidget* page);
    QWidget* buildCurve();
    void ask();
    void showSpeed();
    void showStep();
    void showCurve();
    /// Of what is chosen: writing answers or reading a prompt; of training the step.
    const std::vector<SpeedTerm>& terms() const;

    ViewState state_;
    EstimatePointer asked_;
    EstimatePointer curveOf_;
    SpeedCurvePointer curve_;
    Background* background_;
    QLabel* words_ = nullptr;
    QPushButton* png_ = nullptr;
    QPushButton* csv_ = nullptr;
    FigureTiles* tiles_ = nullptr;
    QLabel* unknown_ = nullptr;
    SegmentedControl* phase_ = nullptr;
    QLabel* stepWords_ = nullptr;
    TimeBar* bar_ = nullptr;
    TableSheet* parts_ = nullptr;
    QWidget* curvePart_ = nullptr;
    QLabel* curveTitle_ = nullptr;
    QLabel* curveWords_ = nullptr;
    SpeedChart* chart_ = nullptr;
    QWidget* tools_ = nullptr;
    QGridLayout* top_ = nullptr;
    QGridLayout* step_ = nullptr;
    QGridLayout* grid_ = nullptr;
    QLabel* rooflineTitle_ = nullptr;
    RooflineView* roofline_ = nullptr;
    int columns_ = 0;
};

} // namespace weighbridge
