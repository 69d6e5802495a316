(() => {
  const form = document.querySelector("form");
  if (!form) return;
  const findings = [...document.querySelectorAll("details[data-rule]")];
  const shown = document.querySelector("#shown");
  const apply = () => {
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rule = form.elements.rule.value, kind = form.elements.kind.value;
    let count = 0;
    for (const finding of findings) {
      const data = finding.dataset;
      const text = finding.textContent.toLowerCase();
      const fits = form.elements[data.severity].checked && (!rule || data.rule === rule)
        && (!kind || data.kinds.split(" ").includes(kind)) && words.every(word => text.includes(word));
      finding.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${findings.length} shown`;
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", event => event.preventDefault());
  document.querySelector("#open").addEventListener("click", () => {
    const visible = findings.filter(finding => !finding.hidden);
    const open = visible.some(finding => !finding.open);
    visible.forEach(finding => { finding.open = open; });
  });
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") { target.open = true; target.querySelector("summary").focus(); }
  };
  addEventListener("hashchange", reveal);
  addEventListener("keydown", event => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName) && document.activeElement.type !== "checkbox";
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); form.elements.words.focus(); }
    if (event.key !== "j" && event.key !== "k") return;
    const visible = findings.filter(finding => !finding.hidden).map(finding => finding.querySelector("summary"));
    const at = visible.indexOf(document.activeElement);
    const next = event.key === "j" ? at + 1 : at < 0 ? visible.length - 1 : at - 1;
    if (visible[next]) { visible[next].focus(); visible[next].scrollIntoView({ block: "nearest" }); }
  });
  apply();
  reveal();
})();
