"use strict";

// Greets a fan by the id in the cookie: the page itself is the same for everybody, so that it can be made once.
const user = document.cookie.split("; ").find((c) => c.startsWith("userId="));
for (const place of document.querySelectorAll("[data-user]")) {
  if (user) place.textContent = decodeURIComponent(user.slice("userId=".length));
}

// Logs in without leaving the page, so that a wrong password can be said beside the form.
const form = document.getElementById("login");
if (form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const complaint = document.getElementById("login-error");
    complaint.hidden = true;
    try {
      const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!response.ok) throw new Error(response.status === 503 ? "Too many fans at once. Please try again." : "The site is in trouble.");
      const answer = await response.json();
      if (!answer.success) throw new Error(answer.error);
      const next = new URLSearchParams(location.search).get("next") || "";
      // Only to a page of this site: a link from elsewhere must not lead a fan away.
      location.assign(/^\/[a-z]/.test(next) ? next : "/demo/fanclub");
    } catch (error) {
      complaint.textContent = error.message;
      complaint.hidden = false;
    }
  });
}
